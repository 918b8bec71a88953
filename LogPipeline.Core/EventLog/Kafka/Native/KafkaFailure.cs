namespace LogPipeline.Core.EventLog.Kafka.Native;

/// <summary>An error object of librdkafka, taken over and destroyed.</summary>
/// <param name="Code">What is wrong.</param>
/// <param name="Reason">The same for a person.</param>
/// <param name="IsFatal">Whether the client is of no use any more.</param>
/// <param name="IsRetriable">Whether the same call may succeed later.</param>
/// <param name="RequiresAbort">Whether the transaction must be aborted.</param>
internal sealed record KafkaFailure(KafkaErrorCode Code, string Reason, bool IsFatal, bool IsRetriable, bool RequiresAbort)
{
    /// <summary>Takes over what a call returned; null when it succeeded.</summary>
    public static unsafe KafkaFailure? Take(nint error)
    {
        if (error == 0)
        {
            return null;
        }

        try
        {
            return new KafkaFailure(
                RdKafka.ErrorCode(error), NativeText.Read(RdKafka.ErrorString(error)),
                RdKafka.ErrorIsFatal(error) != 0, RdKafka.ErrorIsRetriable(error) != 0, RdKafka.ErrorRequiresAbort(error) != 0);
        }
        finally
        {
            RdKafka.ErrorDestroy(error);
        }
    }
}
