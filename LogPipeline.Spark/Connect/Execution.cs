using System.Runtime.CompilerServices;
using Grpc.Core;
using LogPipeline.Spark.Connect.Protocol;

namespace LogPipeline.Spark.Connect;

/// <summary>
/// One execution on the server, which outlives the call that listens to it. The operation's id is ours; a stream that ends without
/// <c>result_complete</c>, because the server cuts it every two minutes or the connection broke, is attached again after the last answer
/// received, so nothing is run or returned twice. An execution that its reader leaves is interrupted, by its id and by nothing wider.
/// </summary>
internal sealed class Execution(ConnectClient client, SessionHandle session, Plan plan, ExecuteOptions? options)
{
    private const int ReleaseEveryBytes = 4 << 20;
    private const int InterruptTries = 3;
    private static readonly TimeSpan InterruptPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan InterruptPatience = TimeSpan.FromSeconds(2);

    // The server ends each stream after two minutes, so a longer silence is a connection that died unnoticed.
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromMinutes(3);

    private readonly string _operationId = options?.OperationId ?? Guid.NewGuid().ToString();
    private AsyncServerStreamingCall<ExecutePlanResponse>? _call;
    private string? _lastResponseId;
    private bool _isSent;
    private bool _isEnded;
    private bool _isReattached;
    private long _unreleasedBytes;
    private Task _release = Task.CompletedTask;

    /// <summary>The answers, in order and each once. Leaving the enumeration early interrupts the execution.</summary>
    public async IAsyncEnumerable<ExecutePlanResponse> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            while (await NextAsync(cancellationToken) is { } response)
            {
                if (response.ResponseTypeCase == ExecutePlanResponse.ResponseTypeOneofCase.ExecutionProgress)
                {
                    options?.Progress?.Report(ToProgress(response.ExecutionProgress));
                    continue;
                }

                yield return response;
            }
        }
        finally
        {
            CloseCall();
            if (_isEnded)
            {
                _ = client.ReleaseInBackground(session, _operationId, null);
            }
            else if (_isSent)
            {
                await AbandonAsync();
            }
        }
    }

    private async ValueTask<ExecutePlanResponse?> NextAsync(CancellationToken cancellationToken)
    {
        ReleaseConsumed();
        for (var attempt = 0; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            TimeSpan pause;
            try
            {
                _call ??= Open(cancellationToken);
                if (await _call.ResponseStream.MoveNext(cancellationToken).WaitAsync(SilenceLimit, client.Time, cancellationToken))
                {
                    return Accept(_call.ResponseStream.Current);
                }

                pause = client.Retry.InitialBackoff;
            }
            catch (TimeoutException silence)
            {
                pause = client.Retry.BackoffBefore(attempt++)
                    ?? throw new SparkConnectionException($"{client.Remote} was silent for {SilenceLimit.TotalMinutes:0} minutes", silence);
            }
            catch (RpcException failure)
            {
                pause = await PauseAfterAsync(ServerError.Of(failure), attempt++, cancellationToken);
            }
            catch (OperationCanceledException broken) when (!cancellationToken.IsCancellationRequested)
            {
                pause = await PauseAfterAsync(ServerError.OfBrokenConnection(broken), attempt++, cancellationToken);
            }

            CloseCall();
            await Task.Delay(pause, client.Time, cancellationToken);
        }
    }

    // How long to wait before the next try; throws when there is none.
    private async ValueTask<TimeSpan> PauseAfterAsync(ServerError error, int attempt, CancellationToken cancellationToken)
    {
        if (error.IsOperationUnknown && _isReattached && _lastResponseId is null)
        {
            // The request never arrived: it is sent again, not attached to.
            _isSent = false;
        }
        else if (!error.IsPassing)
        {
            _isEnded = true;
            throw await client.ExplainAsync(session, error, cancellationToken);
        }

        return client.Retry.BackoffBefore(attempt) ?? throw await client.ExplainAsync(session, error, cancellationToken);
    }

    private AsyncServerStreamingCall<ExecutePlanResponse> Open(CancellationToken cancellationToken)
    {
        _isReattached = _isSent;
        if (_isReattached)
        {
            var reattach = new ReattachExecuteRequest { OperationId = _operationId };
            if (_lastResponseId is { } last)
            {
                reattach.LastResponseId = last;
            }

            return client.Reattach(session, reattach, cancellationToken);
        }

        _isSent = true;
        var execute = new ExecutePlanRequest { Plan = plan, OperationId = _operationId };
        execute.RequestOptions.Add(new ExecutePlanRequest.Types.RequestOption { ReattachOptions = new ReattachOptions { Reattachable = true } });
        return client.Execute(session, execute, cancellationToken);
    }

    private ExecutePlanResponse? Accept(ExecutePlanResponse response)
    {
        session.Observe(response.ServerSideSessionId);
        _lastResponseId = response.ResponseId;
        _unreleasedBytes += response.ArrowBatch?.Data.Length ?? 0;
        if (response.ResponseTypeCase != ExecutePlanResponse.ResponseTypeOneofCase.ResultComplete)
        {
            return response;
        }

        _isEnded = true;
        return null;
    }

    private void ReleaseConsumed()
    {
        if (_unreleasedBytes >= ReleaseEveryBytes && _release.IsCompleted)
        {
            _unreleasedBytes = 0;
            _release = client.ReleaseInBackground(session, _operationId, _lastResponseId);
        }
    }

    // Nothing received yet may mean that the request has not reached the server's thread: the interrupt is then sent again.
    private async Task AbandonAsync()
    {
        using var patience = new CancellationTokenSource(InterruptPatience, client.Time);
        try
        {
            for (var attempt = 0; attempt < InterruptTries; attempt++)
            {
                if (await client.InterruptAsync(session, _operationId, RetryPolicy.None, patience.Token) || _lastResponseId is not null)
                {
                    break;
                }

                await Task.Delay(InterruptPause, client.Time, patience.Token);
            }
        }
        catch (Exception failure) when (failure is SparkException or OperationCanceledException)
        {
            // A server out of reach ends an execution that nobody listens to by itself, after five minutes.
        }

        await client.ReleaseInBackground(session, _operationId, null);
    }

    private void CloseCall()
    {
        _call?.Dispose();
        _call = null;
    }

    private static ExecutionProgress ToProgress(ExecutePlanResponse.Types.ExecutionProgress progress) => new(
        [.. progress.Stages.Select(stage => new StageProgress(stage.StageId, stage.NumTasks, stage.NumCompletedTasks, stage.InputBytesRead, stage.Done))],
        progress.NumInflightTasks);
}
