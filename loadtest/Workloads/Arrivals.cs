namespace LowLatency.LoadTest.Workloads;

/// <summary>How the requests of an open loop follow each other.</summary>
internal enum Arrivals
{
    /// <summary>At equal distances.</summary>
    Constant,

    /// <summary>At random, independent of each other, as from many users who do not know each other.</summary>
    Poisson,
}
