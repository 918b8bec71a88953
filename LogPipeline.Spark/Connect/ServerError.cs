using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Grpc.Core;
using LogPipeline.Spark.Connect.Protocol;
using LogPipeline.Spark.Connect.Protocol.Errors;
using RpcStatus = LogPipeline.Spark.Connect.Protocol.Errors.Status;

namespace LogPipeline.Spark.Connect;

/// <summary>
/// What a failed call says of the error: the <c>ErrorInfo</c> in the trailer, whose message is cut at 2,048 characters, and with one more
/// call the whole of it.
/// </summary>
internal sealed partial class ServerError
{
    private const string DetailsTrailer = "grpc-status-details-bin";
    private static readonly string[] LostClasses = ["INVALID_HANDLE.SESSION_CHANGED", "INVALID_HANDLE.SESSION_CLOSED", "INVALID_HANDLE.SESSION_NOT_FOUND"];

    private readonly RpcException _cause;
    private readonly IReadOnlyDictionary<string, string> _metadata;

    private ServerError(RpcException cause, ErrorInfo? info)
    {
        _cause = cause;
        _metadata = info?.Metadata ?? (IReadOnlyDictionary<string, string>)new Dictionary<string, string>();
        ErrorClass = _metadata.GetValueOrDefault("errorClass") ?? ClassInMessage().Match(cause.Status.Detail) switch
        {
            { Success: true } match => match.Groups[1].Value,
            _ => null,
        };
    }

    /// <summary>Spark's name of the error, if Spark reported one.</summary>
    public string? ErrorClass { get; }

    /// <summary>The name under which the server keeps the whole error, for one question within a minute.</summary>
    public string? ErrorId => _metadata.GetValueOrDefault("errorId");

    /// <summary>Whether the server no longer knows the session.</summary>
    public bool IsSessionLost => ErrorClass is not null && LostClasses.Contains(ErrorClass, StringComparer.Ordinal);

    /// <summary>Whether the server does not know the operation: it never arrived, or the server restarted.</summary>
    public bool IsOperationUnknown => ErrorClass is "INVALID_HANDLE.OPERATION_NOT_FOUND" or "INVALID_HANDLE.SESSION_NOT_FOUND";

    /// <summary>Whether the call may succeed when it is tried again.</summary>
    public bool IsPassing =>
        _cause.StatusCode == StatusCode.Unavailable
        || ErrorClass == "INVALID_CURSOR.DISCONNECTED"
        || (_metadata.Count == 0 && _cause.Status.DebugException is HttpRequestException or IOException);

    /// <summary>Reads what a failed call says.</summary>
    public static ServerError Of(RpcException cause)
    {
        foreach (var entry in cause.Trailers)
        {
            if (entry.IsBinary && entry.Key == DetailsTrailer)
            {
                foreach (var detail in RpcStatus.Parser.ParseFrom(entry.ValueBytes).Details)
                {
                    if (detail.Is(ErrorInfo.Descriptor))
                    {
                        return new ServerError(cause, detail.Unpack<ErrorInfo>());
                    }
                }
            }
        }

        return new ServerError(cause, null);
    }

    /// <summary>A connection that broke before the answer began: gRPC reports it as a cancellation that nobody asked for.</summary>
    public static ServerError OfBrokenConnection(OperationCanceledException cause) =>
        new(new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "The connection broke before the answer", cause)), null);

    /// <summary>The exception that the caller gets.</summary>
    /// <param name="sessionId">The session that asked.</param>
    /// <param name="whole">The server's answer to the question for the whole error, if it could be had.</param>
    public SparkException ToException(string sessionId, FetchErrorDetailsResponse? whole)
    {
        if (IsSessionLost)
        {
            return new SparkSessionLostException(_cause.Status.Detail, _cause)
            {
                SessionId = sessionId,
                ErrorClass = ErrorClass,
                SqlState = _metadata.GetValueOrDefault("sqlState"),
            };
        }

        if (_metadata.Count == 0)
        {
            var refused = _cause.StatusCode is StatusCode.Unauthenticated or StatusCode.PermissionDenied;
            return refused || IsPassing || _cause.StatusCode is StatusCode.DeadlineExceeded
                ? new SparkConnectionException(_cause.Status.Detail, _cause) { IsUnauthenticated = refused }
                : new SparkException(_cause.Status.Detail, _cause) { ErrorClass = ErrorClass };
        }

        return whole is { HasRootErrorIdx: true } && whole.RootErrorIdx < whole.Errors.Count
            ? FromWhole(whole, whole.RootErrorIdx, _cause)
            : FromTrailer();
    }

    private SparkException FromTrailer()
    {
        var place = PlaceOfError().Match(_cause.Status.Detail);
        return new SparkException(_cause.Status.Detail, _cause)
        {
            ErrorClass = ErrorClass,
            SqlState = _metadata.GetValueOrDefault("sqlState"),
            MessageParameters = Json<Dictionary<string, string>>("messageParameters") ?? [],
            ErrorTypes = Json<List<string>>("classes") ?? [],
            ServerStackTrace = _metadata.GetValueOrDefault("stackTrace"),
            Line = LineOf(place),
            Column = ColumnOf(place),
        };
    }

    private T? Json<T>(string name)
    {
        try
        {
            return _metadata.TryGetValue(name, out var json) ? JsonSerializer.Deserialize<T>(json) : default;
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static SparkException FromWhole(FetchErrorDetailsResponse whole, int index, Exception? innermost)
    {
        var error = whole.Errors[index];
        var cause = error.HasCauseIdx && error.CauseIdx > index && error.CauseIdx < whole.Errors.Count
            ? FromWhole(whole, error.CauseIdx, innermost)
            : innermost;
        var throwable = error.SparkThrowable ?? new FetchErrorDetailsResponse.Types.SparkThrowable();
        var contexts = throwable.QueryContexts
            .Select(context => new SparkQueryContext(context.ObjectType, context.ObjectName, context.StartIndex, context.StopIndex, context.Fragment, context.Summary))
            .ToList();
        var place = contexts.Select(context => PlaceOfError().Match(context.Summary)).FirstOrDefault(match => match.Success) ?? PlaceOfError().Match(error.Message);
        return new SparkException(error.Message, cause)
        {
            ErrorClass = throwable.HasErrorClass ? throwable.ErrorClass : null,
            SqlState = throwable.HasSqlState ? throwable.SqlState : null,
            MessageParameters = throwable.MessageParameters,
            QueryContexts = contexts,
            ErrorTypes = error.ErrorTypeHierarchy,
            ServerStackTrace = error.StackTrace.Count == 0 ? null : string.Join('\n', error.StackTrace.Select(Frame)),
            Line = LineOf(place),
            Column = ColumnOf(place),
        };
    }

    private static string Frame(FetchErrorDetailsResponse.Types.StackTraceElement frame) => string.Create(
        CultureInfo.InvariantCulture,
        $"at {frame.DeclaringClass}.{frame.MethodName}({(frame.HasFileName ? frame.FileName : "Unknown Source")}{(frame.LineNumber > 0 ? $":{frame.LineNumber}" : "")})");

    private static int? LineOf(Match place) => place.Success ? int.Parse(place.Groups["line"].ValueSpan, CultureInfo.InvariantCulture) : null;

    // The parser says "(line 2, pos 7)" and counts columns from 0; the analyser says "(line 2, position 8)" and counts from 1.
    private static int? ColumnOf(Match place) => place.Success
        ? int.Parse(place.Groups["column"].ValueSpan, CultureInfo.InvariantCulture) + (place.Groups["unit"].Length == 3 ? 1 : 0)
        : null;

    [GeneratedRegex(@"\(line (?<line>\d+), (?<unit>position|pos) (?<column>\d+)\)")]
    private static partial Regex PlaceOfError();

    [GeneratedRegex(@"^\[([A-Z][A-Z0-9_]*(?:\.[A-Z0-9_]+)?)\]")]
    private static partial Regex ClassInMessage();
}
