using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Net.Client;
using LogPipeline.Spark.Connect.Protocol;
using Service = LogPipeline.Spark.Connect.Protocol.SparkConnectService.SparkConnectServiceClient;

namespace LogPipeline.Spark.Connect;

/// <summary>
/// The connection to one server. Puts session, user and token on every request, tries passing failures again, and turns failed calls
/// into <see cref="SparkException"/>.
/// </summary>
internal sealed class ConnectClient : IAsyncDisposable
{
    // Arrow batches are about 4 MB, but one wide row makes a larger one; the server itself takes at most 128 MiB by default.
    private const int MaxMessageBytes = 256 << 20;
    private const int ReceiveWindowBytes = 8 << 20;
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(5);

    private readonly GrpcChannel _channel;
    private readonly Service _service;
    private readonly UserContext _user;
    private readonly string _clientType;
    private readonly Metadata _headers = [];
    private readonly ConcurrentDictionary<Task, bool> _background = new();

    /// <summary>A connection; nothing is sent yet.</summary>
    public ConnectClient(SparkRemote remote, string clientType, RetryPolicy retry, TimeProvider time)
    {
        Remote = remote;
        Retry = retry;
        Time = time;
        _clientType = clientType;
        _user = new UserContext { UserId = remote.UserId, UserName = remote.UserId };
        if (remote.Token is { } token)
        {
            _headers.Add("authorization", $"Bearer {token}");
        }

        foreach (var (name, value) in remote.Headers)
        {
            _headers.Add(name, value);
        }

        // grpc-java closes a connection that is pinged more than every five minutes: keep-alive pings stay off.
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = ReceiveWindowBytes,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            UseProxy = false,
        };
        _channel = GrpcChannel.ForAddress(remote.Address, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxMessageBytes,
            MaxSendMessageSize = MaxMessageBytes,
            InitialReconnectBackoff = TimeSpan.FromMilliseconds(50),
            MaxReconnectBackoff = TimeSpan.FromSeconds(1),
            ThrowOperationCanceledOnCancellation = true,
        });
        _service = new Service(_channel);
    }

    /// <summary>The server.</summary>
    public SparkRemote Remote { get; }

    /// <summary>How patiently calls are tried again.</summary>
    public RetryPolicy Retry { get; }

    /// <summary>The clock of waits between tries.</summary>
    public TimeProvider Time { get; }

    /// <summary>Asks about a plan, without running it.</summary>
    public Task<AnalyzePlanResponse> AnalyzeAsync(SessionHandle session, AnalyzePlanRequest request, CancellationToken cancellationToken) =>
        CallAsync(session, request, (service, message, options) => service.AnalyzePlanAsync(message, options), Retry, cancellationToken);

    /// <summary>Reads or writes the session's configuration.</summary>
    public Task<ConfigResponse> ConfigAsync(SessionHandle session, ConfigRequest request, CancellationToken cancellationToken) =>
        CallAsync(session, request, (service, message, options) => service.ConfigAsync(message, options), Retry, cancellationToken);

    /// <summary>Stops one operation. Whether the server still ran it.</summary>
    public async Task<bool> InterruptAsync(SessionHandle session, string operationId, RetryPolicy retry, CancellationToken cancellationToken)
    {
        var request = new InterruptRequest { InterruptType = InterruptRequest.Types.InterruptType.OperationId, OperationId = operationId };
        var response = await CallAsync(session, request, (service, message, options) => service.InterruptAsync(message, options), retry, cancellationToken);
        return response.InterruptedIds.Count > 0;
    }

    /// <summary>Ends the session on the server, with its views and streaming queries, once what runs in the background has ended.</summary>
    public async Task ReleaseSessionAsync(SessionHandle session, CancellationToken cancellationToken)
    {
        await Task.WhenAll(_background.Keys);
        await CallAsync(session, new ReleaseSessionRequest(), (service, message, options) => service.ReleaseSessionAsync(message, options), RetryPolicy.None, cancellationToken);
    }

    /// <summary>Starts an execution.</summary>
    public AsyncServerStreamingCall<ExecutePlanResponse> Execute(SessionHandle session, ExecutePlanRequest request, CancellationToken cancellationToken) =>
        _service.ExecutePlan(Stamp(session, request), Options(cancellationToken));

    /// <summary>Listens again to an execution that runs.</summary>
    public AsyncServerStreamingCall<ExecutePlanResponse> Reattach(SessionHandle session, ReattachExecuteRequest request, CancellationToken cancellationToken) =>
        _service.ReattachExecute(Stamp(session, request), Options(cancellationToken));

    /// <summary>
    /// Lets the server forget results, up to an answer or, without one, the whole execution. Done in the background and never an error:
    /// a server that misses it forgets by itself after some minutes.
    /// </summary>
    public Task ReleaseInBackground(SessionHandle session, string operationId, string? untilResponseId)
    {
        var request = new ReleaseExecuteRequest { OperationId = operationId };
        if (untilResponseId is null)
        {
            request.ReleaseAll = new ReleaseExecuteRequest.Types.ReleaseAll();
        }
        else
        {
            request.ReleaseUntil = new ReleaseExecuteRequest.Types.ReleaseUntil { ResponseId = untilResponseId };
        }

        var release = ReleaseAsync();
        if (!release.IsCompleted)
        {
            _background[release] = true;
            _ = release.ContinueWith(done => _background.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        return release;

        async Task ReleaseAsync()
        {
            using var patience = new CancellationTokenSource(ReleasePatience, Time);
            try
            {
                await CallAsync(session, request, (service, message, options) => service.ReleaseExecuteAsync(message, options), RetryPolicy.None, patience.Token);
            }
            catch (Exception failure) when (failure is SparkException or OperationCanceledException or ObjectDisposedException)
            {
            }
        }
    }

    /// <summary>The exception for a failed call, with everything that the server can say about it.</summary>
    public async Task<SparkException> ExplainAsync(SessionHandle session, ServerError error, CancellationToken cancellationToken)
    {
        FetchErrorDetailsResponse? whole = null;
        if (error.ErrorId is { } errorId && !error.IsSessionLost)
        {
            var request = Stamp(session, new FetchErrorDetailsRequest { ErrorId = errorId });
            try
            {
                using var call = _service.FetchErrorDetailsAsync(request, Options(cancellationToken));
                whole = await call;
            }
            catch (RpcException)
            {
                // The trailer's cut message is better than none.
            }
        }

        return error.ToException(session.Id, whole);
    }

    /// <summary>Ends what runs in the background, then the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_background.Keys);
        _channel.Dispose();
    }

    private async Task<TResponse> CallAsync<TRequest, TResponse>(
        SessionHandle session,
        TRequest request,
        Func<Service, TRequest, CallOptions, AsyncUnaryCall<TResponse>> invoke,
        RetryPolicy retry,
        CancellationToken cancellationToken)
        where TRequest : ISessionRequest
        where TResponse : ISessionResponse
    {
        for (var attempt = 0; ; attempt++)
        {
            ServerError error;
            try
            {
                using var call = invoke(_service, Stamp(session, request), Options(cancellationToken));
                var response = await call;
                session.Observe(response.ServerSideSessionId);
                return response;
            }
            catch (RpcException failure)
            {
                error = ServerError.Of(failure);
            }
            catch (OperationCanceledException broken) when (!cancellationToken.IsCancellationRequested)
            {
                error = ServerError.OfBrokenConnection(broken);
            }

            if (!error.IsPassing || retry.BackoffBefore(attempt) is not { } backoff)
            {
                throw await ExplainAsync(session, error, cancellationToken);
            }

            await Task.Delay(backoff, Time, cancellationToken);
        }
    }

    private TRequest Stamp<TRequest>(SessionHandle session, TRequest request)
        where TRequest : ISessionRequest
    {
        request.SessionId = session.Id;
        request.UserContext = _user;
        request.ClientType = _clientType;
        if (request is IObservingRequest observing && session.Observed is { } observed)
        {
            observing.ClientObservedServerSideSessionId = observed;
        }

        return request;
    }

    private CallOptions Options(CancellationToken cancellationToken) => new(_headers, cancellationToken: cancellationToken);
}
