using LogPipeline.Core.EventLog;
using LogPipeline.Core.Health;
using LogPipeline.Web.Components.Format;
using LogPipeline.Web.Components.State;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace LogPipeline.Web.Components.Kafka;

/// <summary>Topics with partitions, settings and messages. All of the view is in the URL; of messages only those shown are held.</summary>
public sealed partial class KafkaPage
{
    private static readonly (KafkaView View, string Name)[] Views = [(KafkaView.Messages, "Messages"), (KafkaView.Partitions, "Partitions"), (KafkaView.Settings, "Settings")];
    private static readonly TimeSpan ListPause = TimeSpan.FromSeconds(5);

    private IBrokerBrowser? browser;
    private BrokerStatus? status;
    private KafkaLink link = new();
    private string topicName = "";
    private IReadOnlyList<BrokerTopicSummary>? topics;
    private BrokerTopicDetails? details;
    private bool isMissing;
    private long listedAt;
    private DateTimeOffset? readAt;
    private string? problem;
    private Task refreshing = Task.CompletedTask;

    private BrokerMessageRequest? read;
    private BrokerMessagePage? messages;
    private BrokerMessage? opened;
    private CancellationTokenSource? reading;
    private string? readProblem;

    [Inject]
    private IServiceProvider Services { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private BrowserTime Clock { get; set; } = null!;

    [Inject]
    private PageState State { get; set; } = null!;

    [Inject]
    private PageCommands Keys { get; set; } = null!;

    /// <inheritdoc/>
    protected override TimeSpan Period => TimeSpan.FromSeconds(1);

    private static IReadOnlyList<string> SwitchCommands => ["dotnet run --project LogPipeline.Web -- serve --set Broker=Kafka --set Kafka:Brokers=localhost:9092"];

    private string? Problem => BrokerHealth.ProblemOf(status!) ?? problem ?? readProblem;

    private string About => $"{status!.Addresses} · {(status.Brokers.Count == 1 ? "1 broker" : $"{Numbers.Count(status.Brokers.Count)} brokers")}{(status.ClusterId is null ? "" : " · cluster " + status.ClusterId)}";

    private string Summary
    {
        get
        {
            var topic = details!.Topic;
            var held = topic.Partitions.Sum(partition => partition.End - partition.Begin);
            var copies = topic.Partitions.Count == 0 ? 0 : topic.Partitions.Min(partition => partition.ReplicaIds.Count);
            var lag = topic.Partitions.Any(partition => partition.GroupOffset is not null) ? $" · lag {Numbers.Count(topic.Lag)}" : "";
            return $"{(topic.Partitions.Count == 1 ? "1 partition" : $"{Numbers.Count(topic.Partitions.Count)} partitions")} · {(copies == 1 ? "1 copy" : $"{Numbers.Count(copies)} copies")} · {Numbers.Count(held)} offsets{lag}";
        }
    }

    /// <summary>The newest stand first where the page begins at the end, and in the order of reading where it begins elsewhere.</summary>
    private IReadOnlyList<BrokerMessage> Shown => link.From is BrokerMessageStart.Newest ? [.. messages!.Messages.Reverse()] : messages!.Messages;

    private string PageText => $"{Numbers.Count(messages!.Messages.Count)} shown, {(link.From is BrokerMessageStart.Newest ? "newest first" : messages.IsAtEnd ? "oldest first, to the end" : "oldest first, more follow")}";

    /// <summary>Offsets behind the page by the latest look; records of transactions count.</summary>
    private long? Newer => messages is null || details is null || link.From is not BrokerMessageStart.Newest ? null
        : messages.Bounds.Sum(bounds => Math.Max(0, (details.Topic.Partitions.FirstOrDefault(partition => partition.Partition == bounds.Partition)?.End ?? 0) - bounds.End));

    /// <summary>The page before, where one partition is read: its offsets say where that begins.</summary>
    private KafkaLink? Older =>
        messages is { Bounds: [var only], Messages: [var first, ..] } && first.Position.Offset > only.Begin
            ? link with { Partition = only.Partition, From = new BrokerMessageStart.Offset(Math.Max(only.Begin, first.Position.Offset - link.Limit)), Row = null }
            : null;

    private IReadOnlyList<string> ProduceCommands => details is null ? [] :
        [$"echo '{{\"status\":200,\"endpoint\":\"/\",\"message\":\"hello\"}}' | kafka-console-producer.sh --bootstrap-server {status!.Addresses} --topic {details.Topic.Name}"];

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        browser = Services.GetService<IBrokerBrowser>();
        status = browser?.Status;
        link = KafkaLink.Read(Navigation.ToAbsoluteUri(Navigation.Uri));
        Navigation.LocationChanged += OnLocationChanged;
        Keys.Pressed += OnKeyAsync;
        Clock.Changed += OnClock;
    }

    /// <inheritdoc/>
    protected override Task TickAsync()
    {
        if (browser is not null)
        {
            // The brokers' state is at hand; what must be asked for may take its time and never holds the state up.
            status = browser.Status;
            if (refreshing.IsCompleted)
            {
                refreshing = RefreshAsync();
            }

            StateHasChanged();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Navigation.LocationChanged -= OnLocationChanged;
        Keys.Pressed -= OnKeyAsync;
        Clock.Changed -= OnClock;
        reading?.Cancel();
        reading?.Dispose();
        reading = null;
    }

    private async Task RefreshAsync()
    {
        try
        {
            if (topics is null || problem is not null || Time.GetElapsedTime(listedAt) > ListPause)
            {
                topics = await browser!.ListTopicsAsync(Gone);
                listedAt = Time.GetTimestamp();
            }

            topicName = link.Topic ?? FirstTopic();
            if (topicName.Length > 0)
            {
                var asked = topicName;
                var found = await browser!.ReadTopicAsync(asked, Gone);
                if (asked != topicName)
                {
                    return;
                }

                (details, isMissing) = (found, found is null);
            }

            readAt = Time.GetUtcNow();
            problem = null;
            await ReadMessagesAsync();
        }
        catch (EventLogUnavailableException error)
        {
            problem = error.Message;
        }
        catch (OperationCanceledException)
        {
            return;
        }

        StateHasChanged();
    }

    private string FirstTopic() =>
        status!.Topics is [var first, ..] ? first.Name : topics!.FirstOrDefault(topic => !topic.IsInternal)?.Name ?? "";

    private async Task ReadMessagesAsync(bool again = false)
    {
        if (details is null || link.View != KafkaView.Messages)
        {
            return;
        }

        var wanted = new BrokerMessageRequest(details.Topic.Name, link.From, link.Limit)
        {
            Partition = details.Topic.Partitions.Any(partition => partition.Partition == link.Partition) ? link.Partition : null,
        };
        if (wanted == read && !again && readProblem is null)
        {
            await ReadRowAsync(wanted.Topic);
            return;
        }

        if (wanted != read)
        {
            messages = null;
        }

        read = wanted;
        if (reading is { } other)
        {
            await other.CancelAsync();
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Gone);
        reading = stop;
        try
        {
            var page = await browser!.ReadMessagesAsync(wanted, stop.Token);
            if (reading == stop)
            {
                (messages, readProblem, isMissing) = (page, null, page is null);
                await ReadRowAsync(wanted.Topic);
            }
        }
        catch (EventLogUnavailableException error) when (reading == stop)
        {
            // What was read before stays; the next look tries again.
            readProblem = error.Message;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Another page took its place, or the page left.
        }
        finally
        {
            if (reading == stop)
            {
                reading = null;
            }
        }
    }

    /// <summary>Opens the message that the address names: of the page shown, or read by itself.</summary>
    private async Task ReadRowAsync(string topic)
    {
        if (link.Row is not { } row)
        {
            opened = null;
            return;
        }

        if (opened?.Position == row)
        {
            return;
        }

        opened = messages?.Messages.FirstOrDefault(message => message.Position == row);
        if (opened is null && details!.Topic.Partitions.Any(partition => partition.Partition == row.Partition))
        {
            var alone = await browser!.ReadMessagesAsync(new BrokerMessageRequest(topic, new BrokerMessageStart.Offset(row.Offset), 1) { Partition = row.Partition }, Gone);
            opened = link.Row == row && alone is { Messages: [var found] } && found.Position == row ? found : null;
        }
    }

    private async Task ReadAgain()
    {
        await ReadMessagesAsync(again: true);
        StateHasChanged();
    }

    private void Go(KafkaLink next) => Navigation.NavigateTo(next.ToUrl());

    private void Choose(int? partition) => Go(link with { Partition = partition, Row = null, From = link.From is BrokerMessageStart.Positions ? new BrokerMessageStart.Newest() : link.From });

    private void PickTopic(ChangeEventArgs change) => Navigation.NavigateTo(KafkaLink.ToTopic(change.Value as string ?? ""));

    private void Open(EventPosition position) => Navigation.NavigateTo((link with { Row = position }).ToUrl(), forceLoad: false, replace: true);

    private void Close() => Navigation.NavigateTo((link with { Row = null }).ToUrl(), forceLoad: false, replace: true);

    private void Move(string key)
    {
        var shown = messages is null ? [] : Shown;
        var at = shown.ToList().FindIndex(message => message.Position == link.Row);
        var next = at + (key == "j" ? 1 : -1);
        if (at >= 0 && next >= 0 && next < shown.Count)
        {
            Open(shown[next].Position);
        }
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change)
    {
        var address = Navigation.ToAbsoluteUri(change.Location);
        if (address.AbsolutePath != "/kafka" || browser is null)
        {
            return;
        }

        var before = link;
        link = KafkaLink.Read(address);
        if (link.Topic != before.Topic)
        {
            (details, messages, opened, read, isMissing) = (null, null, null, null, false);
            topicName = link.Topic ?? topicName;
        }

        _ = InvokeAsync(ShowAsync);
    }

    private async Task ShowAsync()
    {
        StateHasChanged();
        if (details is null)
        {
            await refreshing;
            refreshing = RefreshAsync();
            await refreshing;
        }
        else
        {
            try
            {
                await ReadMessagesAsync();
            }
            catch (EventLogUnavailableException error)
            {
                readProblem = error.Message;
            }
        }

        StateHasChanged();
    }

    private Task OnKeyAsync(string key) => InvokeAsync(() =>
    {
        if (key == "Escape" && link.Row is not null)
        {
            Close();
        }
        else if (key is "j" or "k")
        {
            Move(key);
        }
    });

    private void OnClock() => InvokeAsync(StateHasChanged);
}
