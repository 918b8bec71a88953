using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LogPipeline.Core.EventLog.Kafka.Native;

/// <summary>Takes a line that librdkafka logs.</summary>
/// <param name="level">Level of syslog: 3 is an error, 4 a warning, 6 information, 7 debugging.</param>
/// <param name="topic">What it is about, such as <c>FAIL</c>.</param>
/// <param name="line">The line.</param>
internal delegate void NativeLog(int level, string topic, string line);

/// <summary>One producer or consumer of librdkafka.</summary>
/// <remarks>Invariant: no call is made with <see cref="Handle"/> after <see cref="Dispose"/>; its owner ends every thread that uses it first.</remarks>
internal sealed unsafe class NativeClient : IDisposable
{
    private const int ProblemBytes = 512;
    private readonly ClientKind kind;
    private GCHandle log;
    private nint handle;
    private nint queue;

    /// <summary>Makes a client. It connects by itself, later.</summary>
    /// <param name="kind">What it does.</param>
    /// <param name="settings">librdkafka's names and values.</param>
    /// <param name="log">Takes what the library logs.</param>
    /// <exception cref="EventLogException">A setting is wrong, or the client cannot be made.</exception>
    public NativeClient(ClientKind kind, IReadOnlyDictionary<string, string> settings, NativeLog log)
    {
        this.kind = kind;
        this.log = GCHandle.Alloc(log);
        var conf = RdKafka.ConfNew();
        try
        {
            foreach (var (name, value) in settings)
            {
                if (TrySet(conf, name, value) is { } wrong)
                {
                    throw new EventLogException($"LogPipeline:Kafka:Settings:{name} cannot be set: {wrong}");
                }
            }

            RdKafka.ConfSetOpaque(conf, GCHandle.ToIntPtr(this.log));
            RdKafka.ConfSetLogCallback(conf, &OnLog);
            var problem = stackalloc byte[ProblemBytes];
            handle = RdKafka.New(kind, conf, problem, ProblemBytes);
            if (handle == 0)
            {
                throw new EventLogException($"No Kafka client can be made: {NativeText.Read(problem)}");
            }

            // The client owns its configuration now.
            conf = 0;
            if (kind == ClientKind.Consumer)
            {
                _ = RdKafka.PollSetConsumer(handle);
                queue = RdKafka.QueueGetConsumer(handle);
            }
            else
            {
                queue = RdKafka.QueueNew(handle);
            }
        }
        catch
        {
            this.log.Free();
            throw;
        }
        finally
        {
            if (conf != 0)
            {
                RdKafka.ConfDestroy(conf);
            }
        }
    }

    /// <summary>The client, for <see cref="RdKafka"/>.</summary>
    public nint Handle => handle;

    /// <summary>What a consumer's messages are taken from; where the answers to what a producer asks can be sent.</summary>
    public nint Queue => queue;

    /// <summary>Checks one setting as the library does.</summary>
    /// <returns>Null, or what is wrong with it; without the value when it is a secret.</returns>
    public static string? Check(string name, string value)
    {
        var conf = RdKafka.ConfNew();
        try
        {
            return TrySet(conf, name, value);
        }
        finally
        {
            RdKafka.ConfDestroy(conf);
        }
    }

    /// <summary>For a client whose owner never disposed it.</summary>
    ~NativeClient() => Destroy();

    /// <inheritdoc/>
    public void Dispose()
    {
        Destroy();
        GC.SuppressFinalize(this);
    }

    private void Destroy()
    {
        var mine = Interlocked.Exchange(ref handle, 0);
        if (mine != 0)
        {
            if (queue != 0)
            {
                RdKafka.QueueDestroy(queue);
            }

            RdKafka.Destroy(mine, kind == ClientKind.Consumer ? RdKafka.NoConsumerClose : 0);
            log.Free();
        }
    }

    private static string? TrySet(nint conf, string name, string value)
    {
        var problem = stackalloc byte[ProblemBytes];
        if (RdKafka.ConfSet(conf, name, value, problem, ProblemBytes) == 0)
        {
            return null;
        }

        var text = NativeText.Read(problem);
        return KafkaSettings.IsSecret(name) && value.Length > 0 ? text.Replace(value, "…", StringComparison.Ordinal) : text;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLog(nint client, int level, byte* topic, byte* line)
    {
        try
        {
            if (GCHandle.FromIntPtr(RdKafka.Opaque(client)).Target is NativeLog log)
            {
                log(level, NativeText.Read(topic), NativeText.Read(line));
            }
        }
        catch (Exception)
        {
            // Nothing may be thrown into the library's threads, and a log that fails has nobody to tell.
        }
    }
}
