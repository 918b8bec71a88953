using LogPipeline.Core.EventLog;

namespace LogPipeline.Web.Sse;

/// <summary>A place in every partition of a stream, as SSE ids write it: <c>0:1204331,1:77</c>. Everything up to and including it was seen.</summary>
internal static class PositionVector
{
    /// <summary>Writes one.</summary>
    public static string Write(IEnumerable<EventPosition> positions) => string.Join(',', positions.OrderBy(one => one.Partition));

    /// <summary>Reads one.</summary>
    public static bool TryRead(string text, out IReadOnlyList<EventPosition> positions)
    {
        var parts = new List<EventPosition>();
        positions = parts;
        foreach (var part in text.Split(','))
        {
            if (!EventPosition.TryParse(part.AsSpan().Trim(), out var position) || parts.Exists(other => other.Partition == position.Partition))
            {
                return false;
            }

            parts.Add(position);
        }

        return true;
    }
}
