using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using LogPipeline.Core.Ingest;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>The header of one entry of the embedded log.</summary>
/// <remarks>
/// Little-endian, then the rejected records, then one Arrow IPC RecordBatch message:
/// <code>
///  0  u16 magic 0x454C ("LE")     2  u8 format version     3  u8 flags: bits 0-1 origin (0 none, 1 key, 2 file), bit 7 continued
///  4  u32 header length           8  u64 schema fingerprint
/// 16  i64 first sequence         24  i32 events           28  i32 rejected records
/// 32  i64 received, µs since 1970
/// 40  u32 bytes of rejected      44  u32 bytes of Arrow    48  u64 XxHash3 of both
/// 56  i32 chunk of the key       60  u32 bytes of origin text
/// 64  i64 first byte             72  i64 end byte          80  i64 lines of the file
/// 88  u64 XxHash3 of bytes 0-87 and the origin text
/// 96  origin text (key or fingerprint) in UTF-8, padded to 8
/// </code>
/// A batch that is split carries its origin on the last entry; the ones before are marked continued. Recovery drops a
/// tail of continued entries, so that such a batch is there completely or not at all.
/// </remarks>
internal readonly record struct EntryHeader
{
    public const int FixedLength = 96;
    public const int MaxOriginBytes = 4096;
    public const byte FormatVersion = 1;
    private const ushort Magic = 0x454C;
    private const byte Continued = 0x80;

    public int Length { get; init; }

    public ulong Fingerprint { get; init; }

    public long First { get; init; }

    public int Events { get; init; }

    public int Rejected { get; init; }

    public long ReceivedMicros { get; init; }

    public int RejectedBytes { get; init; }

    public int ArrowBytes { get; init; }

    public ulong BodyHash { get; init; }

    public bool IsContinued { get; init; }

    public BatchOrigin? Origin { get; init; }

    public int Count => Events + Rejected;

    public long End => First + Count;

    public int EntryBytes => Length + RejectedBytes + ArrowBytes;

    public static int LengthFor(BatchOrigin? origin)
    {
        var text = TextOf(origin);
        return FixedLength + Padded(text is null ? 0 : Encoding.UTF8.GetByteCount(text));
    }

    public static int Padded(int length) => (length + 7) & ~7;

    /// <summary>Writes everything; <see cref="Length"/> bytes.</summary>
    public void Write(Span<byte> target)
    {
        var header = target[..Length];
        header.Clear();
        var kind = Origin switch { IdempotencyKeyOrigin => 1, FileRangeOrigin => 2, _ => 0 };
        BinaryPrimitives.WriteUInt16LittleEndian(header, Magic);
        header[2] = FormatVersion;
        header[3] = (byte)(kind | (IsContinued ? Continued : 0));
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], Length);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], Fingerprint);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], First);
        BinaryPrimitives.WriteInt32LittleEndian(header[24..], Events);
        BinaryPrimitives.WriteInt32LittleEndian(header[28..], Rejected);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], ReceivedMicros);
        BinaryPrimitives.WriteInt32LittleEndian(header[40..], RejectedBytes);
        BinaryPrimitives.WriteInt32LittleEndian(header[44..], ArrowBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(header[48..], BodyHash);
        if (Origin is IdempotencyKeyOrigin key)
        {
            BinaryPrimitives.WriteInt32LittleEndian(header[56..], key.Chunk);
        }
        else if (Origin is FileRangeOrigin file)
        {
            BinaryPrimitives.WriteInt64LittleEndian(header[64..], file.Start);
            BinaryPrimitives.WriteInt64LittleEndian(header[72..], file.End);
            BinaryPrimitives.WriteInt64LittleEndian(header[80..], file.Lines);
        }

        if (TextOf(Origin) is { } text)
        {
            BinaryPrimitives.WriteInt32LittleEndian(header[60..], Encoding.UTF8.GetBytes(text, header[FixedLength..]));
        }

        BinaryPrimitives.WriteUInt64LittleEndian(header[88..], HashOf(header));
    }

    /// <summary>Sets the sequence and the time of a header that is written already.</summary>
    public static void Place(Span<byte> entry, long first, long receivedMicros)
    {
        var header = entry[..BinaryPrimitives.ReadInt32LittleEndian(entry[4..])];
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], first);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], receivedMicros);
        BinaryPrimitives.WriteUInt64LittleEndian(header[88..], HashOf(header));
    }

    /// <summary>Reads and checks a header; false when these bytes are none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> entry, out EntryHeader header)
    {
        header = default;
        if (entry.Length < FixedLength || BinaryPrimitives.ReadUInt16LittleEndian(entry) != Magic || entry[2] != FormatVersion)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(entry[4..]);
        var textLength = BinaryPrimitives.ReadInt32LittleEndian(entry[60..]);
        if (length < FixedLength || length > FixedLength + MaxOriginBytes || length > entry.Length
            || textLength < 0 || FixedLength + textLength > length
            || BinaryPrimitives.ReadUInt64LittleEndian(entry[88..]) != HashOf(entry[..length]))
        {
            return false;
        }

        var text = Encoding.UTF8.GetString(entry.Slice(FixedLength, textLength));
        header = new EntryHeader
        {
            Length = length,
            Fingerprint = BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]),
            First = BinaryPrimitives.ReadInt64LittleEndian(entry[16..]),
            Events = BinaryPrimitives.ReadInt32LittleEndian(entry[24..]),
            Rejected = BinaryPrimitives.ReadInt32LittleEndian(entry[28..]),
            ReceivedMicros = BinaryPrimitives.ReadInt64LittleEndian(entry[32..]),
            RejectedBytes = BinaryPrimitives.ReadInt32LittleEndian(entry[40..]),
            ArrowBytes = BinaryPrimitives.ReadInt32LittleEndian(entry[44..]),
            BodyHash = BinaryPrimitives.ReadUInt64LittleEndian(entry[48..]),
            IsContinued = (entry[3] & Continued) != 0,
            Origin = (entry[3] & 3) switch
            {
                1 => new IdempotencyKeyOrigin(text, BinaryPrimitives.ReadInt32LittleEndian(entry[56..])),
                2 => new FileRangeOrigin(
                    text,
                    BinaryPrimitives.ReadInt64LittleEndian(entry[64..]),
                    BinaryPrimitives.ReadInt64LittleEndian(entry[72..]),
                    BinaryPrimitives.ReadInt64LittleEndian(entry[80..])),
                _ => null,
            },
        };
        return true;
    }

    /// <summary>Whether the whole entry is as it was written.</summary>
    public bool Matches(ReadOnlySpan<byte> entry) =>
        RejectedBytes >= 0 && ArrowBytes >= 0 && entry.Length >= EntryBytes
        && XxHash3.HashToUInt64(entry.Slice(Length, RejectedBytes + ArrowBytes)) == BodyHash;

    private static string? TextOf(BatchOrigin? origin) => origin switch
    {
        IdempotencyKeyOrigin key => key.Key,
        FileRangeOrigin file => file.Fingerprint,
        _ => null,
    };

    private static ulong HashOf(ReadOnlySpan<byte> header) =>
        XxHash3.HashToUInt64(header[..88]) ^ (XxHash3.HashToUInt64(header[FixedLength..]) * 3);
}
