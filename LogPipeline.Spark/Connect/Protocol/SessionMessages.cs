namespace LogPipeline.Spark.Connect.Protocol;

/// <summary>What every request says: whose session it is.</summary>
internal interface ISessionRequest
{
    /// <summary>The session's id, made by the client.</summary>
    string SessionId { get; set; }

    /// <summary>The user; a session belongs to a user.</summary>
    UserContext UserContext { get; set; }

    /// <summary>Name and version of the client, for the server's log.</summary>
    string ClientType { get; set; }
}

/// <summary>A request that says which session of the server it expects, so that a restarted server refuses it.</summary>
internal interface IObservingRequest : ISessionRequest
{
    /// <summary>The server's own id of the session, as its first answer gave it.</summary>
    string ClientObservedServerSideSessionId { get; set; }
}

/// <summary>What every answer says.</summary>
internal interface ISessionResponse
{
    /// <summary>The server's own id of the session: another one after a restart.</summary>
    string ServerSideSessionId { get; }
}

internal partial class ExecutePlanRequest : IObservingRequest;

internal partial class ReattachExecuteRequest : IObservingRequest;

internal partial class ReleaseExecuteRequest : IObservingRequest;

internal partial class AnalyzePlanRequest : IObservingRequest;

internal partial class ConfigRequest : IObservingRequest;

internal partial class InterruptRequest : IObservingRequest;

internal partial class FetchErrorDetailsRequest : IObservingRequest;

internal partial class ReleaseSessionRequest : ISessionRequest;

internal partial class ExecutePlanResponse : ISessionResponse;

internal partial class ReleaseExecuteResponse : ISessionResponse;

internal partial class AnalyzePlanResponse : ISessionResponse;

internal partial class ConfigResponse : ISessionResponse;

internal partial class InterruptResponse : ISessionResponse;

internal partial class FetchErrorDetailsResponse : ISessionResponse;

internal partial class ReleaseSessionResponse : ISessionResponse;
