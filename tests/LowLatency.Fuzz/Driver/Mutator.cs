namespace LowLatency.Fuzz.Driver;

/// <summary>Changes inputs a little: bits, bytes, pieces, words of a dictionary, pieces of other inputs.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> dictionary)
{
    private const int LongestInput = 4096;
    private static readonly byte[] Interesting = [0, 1, 0x7F, 0x80, 0xFF, (byte)'\n', (byte)'\r', (byte)':', (byte)'/'];

    internal byte[] Mutate(byte[] input, byte[] other)
    {
        var bytes = new List<byte>(input);
        for (int changes = 1 << random.Next(5); changes > 0; changes--)
        {
            Change(bytes, other);
        }

        if (bytes.Count > LongestInput)
        {
            bytes.RemoveRange(LongestInput, bytes.Count - LongestInput);
        }

        return [.. bytes];
    }

    private void Change(List<byte> bytes, byte[] other)
    {
        int at = random.Next(bytes.Count + 1);
        switch (random.Next(bytes.Count == 0 ? 4 : 10))
        {
            case 0:
                bytes.Insert(at, (byte)random.Next(256));
                break;
            case 1:
                bytes.Insert(at, Interesting[random.Next(Interesting.Length)]);
                break;
            case 2 when dictionary.Count > 0:
                bytes.InsertRange(at, dictionary[random.Next(dictionary.Count)]);
                break;
            case 2 or 3:
                bytes.InsertRange(at, Piece(other));
                break;
            case 4:
                bytes[at % bytes.Count] ^= (byte)(1 << random.Next(8));
                break;
            case 5:
                bytes[at % bytes.Count] = (byte)random.Next(256);
                break;
            case 6:
                bytes[at % bytes.Count] += (byte)random.Next(-8, 9);
                break;
            case 7:
                bytes.RemoveRange(at, Math.Min(1 << random.Next(6), bytes.Count - at));
                break;
            case 8:
                bytes.InsertRange(at, Piece([.. bytes]));
                break;
            case 9:
                bytes.InsertRange(at, Enumerable.Repeat(bytes[at % bytes.Count], 1 << random.Next(8)));
                break;
        }
    }

    private byte[] Piece(byte[] bytes)
    {
        int from = random.Next(bytes.Length + 1);
        return bytes[from..Math.Min(bytes.Length, from + (1 << random.Next(8)))];
    }
}
