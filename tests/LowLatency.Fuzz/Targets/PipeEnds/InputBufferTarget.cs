using System.Buffers;
using LowLatency.Fuzz.Driver;
using LowLatency.Transports.PipeEnds;

namespace LowLatency.Fuzz.Targets.PipeEnds;

/// <summary>The buffer of received bytes against a plain list of them.</summary>
internal sealed class InputBufferTarget() : FuzzTarget("input-buffer")
{
    public override void Run(FuzzInput input)
    {
        var buffer = new InputBuffer();
        var model = new List<byte>();
        bool unexamined = false;
        byte next = 0;
        while (!input.IsEmpty)
        {
            switch (input.Below(5))
            {
                case 0 or 1:
                    byte[] bytes = [.. Enumerable.Range(0, 1 + input.Below(40)).Select(_ => next++)];
                    Append(buffer, bytes);
                    model.AddRange(bytes);
                    unexamined = true;
                    break;
                case 2 or 3:
                    int consumed = input.Below(model.Count + 1);
                    int examined = consumed + input.Below(model.Count - consumed + 1);
                    ReadOnlySequence<byte> read = buffer.Sequence;
                    buffer.Advance(read.GetPosition(consumed), read.GetPosition(examined));
                    unexamined = examined < model.Count;
                    model.RemoveRange(0, consumed);
                    break;
                case 4 when model.Count > 0:
                    int wronglyConsumed = 1 + input.Below(model.Count);
                    AdvanceWrongly(buffer, wronglyConsumed, input.Below(wronglyConsumed));
                    break;
            }

            Require(buffer.Sequence.ToArray().SequenceEqual(model), "The buffer holds what was appended and not consumed.");
            Require(buffer.HasUnexamined == unexamined, "The buffer knows whether everything was examined.");
        }

        buffer.Clear();
        Require(buffer.Sequence.IsEmpty && !buffer.HasUnexamined, "Nothing is left of a cleared buffer.");
    }

    private static void Append(InputBuffer buffer, byte[] bytes)
    {
        byte[] array = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(array, 0);
        if (!buffer.Append(array, bytes.Length))
        {
            // What still belongs to the caller is overwritten by it, sooner or later.
            array.AsSpan().Fill(0xEE);
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    private static void AdvanceWrongly(InputBuffer buffer, int consumed, int examined)
    {
        ReadOnlySequence<byte> read = buffer.Sequence;
        try
        {
            buffer.Advance(read.GetPosition(consumed), read.GetPosition(examined));
        }
        catch (InvalidOperationException)
        {
            return;
        }

        throw new FuzzException("What is consumed must have been examined as well.");
    }
}
