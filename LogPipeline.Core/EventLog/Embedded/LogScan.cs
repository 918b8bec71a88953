using System.Buffers.Binary;
using System.Globalization;
using LogPipeline.Core.DataFolders;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>Finds what a log's files hold when the log is opened.</summary>
/// <remarks>
/// FASTER's layout: pages of a fixed size; in a page, records of an <c>i32</c> length and that many bytes, padded to 4;
/// zeros to the page's end; the first 64 bytes of the log are unused. Every page starts with a record.
/// The log ends after the last entry that is whole and is not continued. What follows was never acknowledged: it is cut
/// off and the cut is synced, so that no later run can take it for its own. Entries are checked completely in the last
/// two files, which hold all that can be torn; of earlier ones only headers are checked.
/// </remarks>
internal sealed class LogScan
{
    public const int FirstAddress = 64;
    private const int FrameBytes = 4;

    private LogScan(long begin)
    {
        Begin = begin;
        End = begin;
    }

    public long Begin { get; }

    /// <summary>Address after the last entry.</summary>
    public long End { get; private set; }

    public int FirstSegment { get; private init; }

    /// <summary>Number of places inside the log where bytes are damaged.</summary>
    public int Damaged { get; private set; }

    /// <summary>Scans and cuts off the unacknowledged tail.</summary>
    /// <param name="folder">Folder of the log.</param>
    /// <param name="identity">Sizes of pages and files.</param>
    /// <param name="found">Called for each entry in order, for those that stay.</param>
    public static LogScan Run(string folder, LogIdentity identity, Action<long, EntryHeader> found)
    {
        var numbers = Directory.EnumerateFiles(folder, SegmentDevice.Prefix + "*")
            .Select(path => int.TryParse(Path.GetFileName(path)[SegmentDevice.Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1)
            .Where(number => number >= 0)
            .Order()
            .ToList();
        if (numbers.Count == 0)
        {
            return new LogScan(FirstAddress);
        }

        var scan = new LogScan(Math.Max(FirstAddress, numbers[0] * identity.SegmentBytes)) { FirstSegment = numbers[0] };
        var pending = new List<(long Address, EntryHeader Header)>();
        var page = new byte[identity.PageBytes];
        foreach (var number in numbers)
        {
            var complete = number >= numbers[^1] - 1;
            using var file = File.OpenHandle(SegmentDevice.PathOf(folder, number));
            var length = RandomAccess.GetLength(file);
            for (var offset = 0L; offset < Math.Min(length, identity.SegmentBytes); offset += identity.PageBytes)
            {
                var count = ReadFully(file, page, offset);
                scan.Walk((number * identity.SegmentBytes) + offset, page.AsSpan(0, count), complete, pending, found);
            }
        }

        scan.CutOff(folder, identity, numbers);
        return scan;
    }

    private void Walk(long pageAddress, ReadOnlySpan<byte> page, bool complete, List<(long Address, EntryHeader Header)> pending, Action<long, EntryHeader> found)
    {
        var offset = pageAddress == 0 ? FirstAddress : 0;
        while (offset + FrameBytes <= page.Length)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(page[offset..]);
            if (length <= 0 || length > page.Length - offset - FrameBytes)
            {
                damagedHere |= length != 0;
                return;
            }

            var entry = page.Slice(offset + FrameBytes, length);
            if (EntryHeader.TryRead(entry, out var header) && (!complete || header.Matches(entry)))
            {
                pending.Add((pageAddress + offset, header));
                if (!header.IsContinued)
                {
                    Take(pageAddress + offset + FrameBytes + ((length + 3) & ~3), pending, found);
                }
            }
            else
            {
                damagedHere = true;
            }

            offset += FrameBytes + ((length + 3) & ~3);
        }
    }

    // Damage counts only when whole entries follow it; otherwise it is the torn tail.
    private bool damagedHere;

    private void Take(long end, List<(long Address, EntryHeader Header)> pending, Action<long, EntryHeader> found)
    {
        if (damagedHere)
        {
            Damaged++;
            damagedHere = false;
        }

        foreach (var (address, header) in pending)
        {
            found(address, header);
        }

        pending.Clear();
        End = end;
    }

    private void CutOff(string folder, LogIdentity identity, List<int> numbers)
    {
        var last = (int)(End / identity.SegmentBytes);
        foreach (var number in numbers.Where(number => number > last))
        {
            File.Delete(SegmentDevice.PathOf(folder, number));
        }

        var path = SegmentDevice.PathOf(folder, last);
        if (File.Exists(path))
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            var keep = End - (last * identity.SegmentBytes);
            if (RandomAccess.GetLength(file) > keep)
            {
                RandomAccess.SetLength(file, keep);
                RandomAccess.FlushToDisk(file);
            }
        }

        DurableFiles.SyncFolder(folder);
    }

    private static int ReadFully(Microsoft.Win32.SafeHandles.SafeFileHandle file, Span<byte> target, long offset)
    {
        var total = 0;
        while (total < target.Length)
        {
            var count = RandomAccess.Read(file, target[total..], offset + total);
            if (count == 0)
            {
                break;
            }

            total += count;
        }

        return total;
    }
}
