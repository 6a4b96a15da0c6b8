using System.Runtime.InteropServices;

namespace LowLatency.Transports.Polling;

/// <summary>Which source an event belongs to, by a tag that no later source is given.</summary>
/// <remarks>
/// A descriptor's number would not do: it is used again as soon as it is closed, also within one batch of events. A tag is
/// the slot in the low half and the slot's generation in the high half.
/// </remarks>
internal sealed class PollSlots
{
    private readonly List<(PollSource? Source, uint Generation)> _slots = [];
    private readonly Stack<int> _free = [];

    internal IEnumerable<PollSource> Sources => _slots.Where(slot => slot.Source is not null).Select(slot => slot.Source!);

    internal void Add(PollSource source)
    {
        if (!_free.TryPop(out int index))
        {
            index = _slots.Count;
            _slots.Add((null, 0));
        }

        ref (PollSource? Source, uint Generation) slot = ref CollectionsMarshal.AsSpan(_slots)[index];
        slot.Source = source;
        source.Tag = ((ulong)slot.Generation << 32) | (uint)index;
    }

    /// <summary>The source with a tag; <c>null</c> when it has left.</summary>
    internal PollSource? Find(ulong tag)
    {
        ref (PollSource? Source, uint Generation) slot = ref CollectionsMarshal.AsSpan(_slots)[(int)(uint)tag];
        return slot.Generation == (uint)(tag >> 32) ? slot.Source : null;
    }

    /// <summary>A tag will be looked for soon.</summary>
    internal void Prefetch(ulong tag) => CachePrefetch.Line(ref CollectionsMarshal.AsSpan(_slots)[(int)(uint)tag]);

    internal void Remove(PollSource source)
    {
        int index = (int)(uint)source.Tag;
        ref (PollSource? Source, uint Generation) slot = ref CollectionsMarshal.AsSpan(_slots)[index];
        if (slot.Source == source)
        {
            slot = (null, slot.Generation + 1);
            _free.Push(index);
        }
    }
}
