using System.Buffers.Binary;
using LogPipeline.Core.DataFolders;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>The first sequence that a log still holds, kept so that a log whose files are gone never counts from 0 again.</summary>
internal static class SequenceFloor
{
    private const string FileName = "floor";

    public static long Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return File.Exists(path) ? BinaryPrimitives.ReadInt64LittleEndian(File.ReadAllBytes(path)) : 0;
    }

    public static void Write(string folder, long sequence)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, sequence);
        DurableFiles.Write(Path.Combine(folder, FileName), bytes);
    }
}
