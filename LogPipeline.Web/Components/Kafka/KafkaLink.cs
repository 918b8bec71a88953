using System.Globalization;
using LogPipeline.Core.EventLog;
using LogPipeline.Web.Sse;
using Microsoft.AspNetCore.WebUtilities;

namespace LogPipeline.Web.Components.Kafka;

/// <summary>What the Kafka page shows, as an address: <c>/kafka?topic=web-logs&amp;partition=1&amp;from=1204331&amp;row=1:1204340</c>.</summary>
/// <remarks>
/// <c>from</c> is <c>oldest</c>, an offset, positions such as <c>0:12,1:7</c>, or a time such as <c>2026-11-23T14:42:00Z</c>; the newest when
/// it is absent. What cannot be read is left out: an old or mistyped link still opens.
/// </remarks>
internal sealed record KafkaLink
{
    private const int LongestText = 1000;

    /// <summary>The choices for <see cref="Limit"/>.</summary>
    public static IReadOnlyList<int> Limits { get; } = [20, 50, 100, 200, BrokerMessageRequest.MaxLimit];

    /// <summary>The topic; null for the first of the streams.</summary>
    public string? Topic { get; init; }

    /// <summary>What is shown of it.</summary>
    public KafkaView View { get; init; }

    /// <summary>The one partition; null for all.</summary>
    public int? Partition { get; init; }

    /// <summary>Where the page of messages begins.</summary>
    public BrokerMessageStart From { get; init; } = new BrokerMessageStart.Newest();

    /// <summary>Messages at most.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>The message whose detail is open.</summary>
    public EventPosition? Row { get; init; }

    /// <summary>Whether the brokers' own topics are listed too.</summary>
    public bool Internal { get; init; }

    /// <summary>Address of a topic.</summary>
    public static string ToTopic(string topic) => new KafkaLink { Topic = topic }.ToUrl();

    /// <summary>Reads an address.</summary>
    public static KafkaLink Read(Uri address)
    {
        var values = QueryHelpers.ParseQuery(address.Query);
        return new KafkaLink
        {
            Topic = First("topic"),
            View = First("view") switch { "partitions" => KafkaView.Partitions, "settings" => KafkaView.Settings, _ => KafkaView.Messages },
            Partition = Number(First("partition")) is { } partition and <= int.MaxValue ? (int)partition : null,
            From = ReadStart(First("from")) ?? new BrokerMessageStart.Newest(),
            Limit = Number(First("limit")) is { } limit && Limits.Contains((int)Math.Min(limit, int.MaxValue)) ? (int)limit : 50,
            Row = EventPosition.TryParse(First("row"), out var row) ? row : null,
            Internal = First("internal") == "1",
        };

        string? First(string name) => values.TryGetValue(name, out var found) && found.FirstOrDefault() is { Length: > 0 and <= LongestText } text ? text : null;
    }

    /// <summary>Writes it.</summary>
    public string ToUrl()
    {
        var pairs = new List<KeyValuePair<string, string?>>();
        Add("topic", Topic);
        Add("view", View switch { KafkaView.Partitions => "partitions", KafkaView.Settings => "settings", _ => null });
        Add("partition", Partition?.ToString(CultureInfo.InvariantCulture));
        Add("from", WriteStart(From));
        Add("limit", Limit == 50 ? null : Limit.ToString(CultureInfo.InvariantCulture));
        Add("row", Row?.ToString());
        Add("internal", Internal ? "1" : null);
        return QueryHelpers.AddQueryString("/kafka", pairs);

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                pairs.Add(new(name, value));
            }
        }
    }

    /// <summary>Reads a start; null when it is none.</summary>
    public static BrokerMessageStart? ReadStart(string? text) => text switch
    {
        null => null,
        "newest" => new BrokerMessageStart.Newest(),
        "oldest" => new BrokerMessageStart.Oldest(),
        _ when Number(text) is { } offset => new BrokerMessageStart.Offset(offset),
        _ when PositionVector.TryRead(text, out var positions) => new BrokerMessageStart.Positions(positions),
        _ when text.Contains('T', StringComparison.Ordinal)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            => new BrokerMessageStart.Time(time),
        _ => null,
    };

    /// <summary>Writes a start; null for the newest.</summary>
    public static string? WriteStart(BrokerMessageStart start) => start switch
    {
        BrokerMessageStart.Oldest => "oldest",
        BrokerMessageStart.Offset { Value: var offset } => offset.ToString(CultureInfo.InvariantCulture),
        BrokerMessageStart.Positions { Values: var positions } => PositionVector.Write(positions),
        BrokerMessageStart.Time { Value: var time } => time.UtcDateTime.ToString(time.Ticks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        _ => null,
    };

    private static long? Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>What is shown of a topic.</summary>
internal enum KafkaView
{
    /// <summary>Messages.</summary>
    Messages,

    /// <summary>Partitions with their offsets, copies and lag.</summary>
    Partitions,

    /// <summary>Settings.</summary>
    Settings,
}
