using System.Runtime.InteropServices;
using System.Text;

namespace LogPipeline.Core.EventLog.Kafka.Native;

/// <summary>Texts of librdkafka.</summary>
internal static unsafe class NativeText
{
    /// <summary>A text that ends with a zero byte; empty for a null pointer.</summary>
    public static string Read(byte* text) =>
        text is null ? "" : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));

    /// <summary>What an error means.</summary>
    public static string Of(KafkaErrorCode code) => Read(RdKafka.ErrorText(code));
}
