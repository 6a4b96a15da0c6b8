namespace LowLatency.Client.Exchanges;

/// <summary>What is still to be sent, in pieces that each want a send of their own.</summary>
/// <param name="bytes">All of it.</param>
/// <param name="ends">Where each piece ends; the last is the end of all.</param>
internal ref struct OutgoingMessages(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> ends)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly ReadOnlySpan<int> _ends = ends;
    private int _sent;
    private int _piece;

    internal readonly bool AllSent => _sent == _bytes.Length;

    internal readonly ReadOnlySpan<byte> Next => _bytes[_sent.._ends[_piece]];

    internal void Sent(int count)
    {
        _sent += count;
        if (_sent == _ends[_piece])
        {
            _piece++;
        }
    }
}
