namespace LowLatency.Soak.Storms;

/// <summary>Nothing does.</summary>
internal sealed class NoTrouble : Trouble
{
    internal override string Name => "alone";

    protected override TimeSpan Pause => TimeSpan.FromSeconds(1);

    protected override int Step(Contender active) => 0;
}
