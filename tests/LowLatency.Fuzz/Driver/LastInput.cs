using System.IO.MemoryMappedFiles;

namespace LowLatency.Fuzz.Driver;

/// <summary>The input that is being run, in a mapped file: it is there when the process is not any more.</summary>
internal sealed class LastInput : IDisposable
{
    private readonly string _path;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly int _capacity;

    internal LastInput(string folder, string target, int capacity)
    {
        Directory.CreateDirectory(folder);
        _path = PathOf(folder, target);
        _capacity = capacity;
        _file = MemoryMappedFile.CreateFromFile(_path, FileMode.Create, null, sizeof(int) + capacity);
        _view = _file.CreateViewAccessor();
    }

    internal static string PathOf(string folder, string target) => Path.Combine(folder, $"{target}.last");

    internal void Set(byte[] input)
    {
        _view.Write(0, Math.Min(input.Length, _capacity));
        _view.WriteArray(sizeof(int), input, 0, Math.Min(input.Length, _capacity));
    }

    /// <summary>What such a file holds.</summary>
    internal static byte[] Read(byte[] file) => file[sizeof(int)..(sizeof(int) + BitConverter.ToInt32(file))];

    /// <summary>Nothing was found: the file has no use.</summary>
    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
        File.Delete(_path);
    }
}
