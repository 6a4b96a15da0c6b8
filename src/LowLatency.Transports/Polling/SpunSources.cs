namespace LowLatency.Transports.Polling;

/// <summary>The sources that no event tells of: a loop looks at each in every round. They may come and go while it does.</summary>
internal sealed class SpunSources
{
    private readonly List<PollSource?> _sources = [];
    private bool _removed;

    internal int Count => _sources.Count;

    internal void Add(PollSource source) => _sources.Add(source);

    internal void Remove(PollSource source)
    {
        int index = _sources.IndexOf(source);
        if (index >= 0)
        {
            // A look may be under way.
            _sources[index] = null;
            _removed = true;
        }
    }

    /// <summary>Looks at each once.</summary>
    /// <returns>Whether one of them had something.</returns>
    internal bool Look()
    {
        bool found = false;
        for (int index = 0; index < _sources.Count; index++)
        {
            found |= _sources[index]?.Look() == LookResult.Found;
        }

        if (_removed)
        {
            _removed = false;
            _sources.RemoveAll(static source => source is null);
        }

        return found;
    }

    /// <summary>Each asks to be woken by what comes from now on.</summary>
    /// <returns>Whether nothing is there, and the loop may sleep.</returns>
    internal bool MaySleep()
    {
        foreach (PollSource? source in _sources)
        {
            if (source?.PrepareToSleep() == true)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The loop is awake, and looks again.</summary>
    internal void Awake()
    {
        foreach (PollSource? source in _sources)
        {
            source?.Awake();
        }
    }
}
