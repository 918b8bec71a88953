using FASTER.core;
using LogPipeline.Core.DataFolders;
using Microsoft.Win32.SafeHandles;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>The files of one log, <c>log.0</c>, <c>log.1</c>, …, as FASTER's storage.</summary>
/// <remarks>
/// A write is complete only after <c>fdatasync</c>, and for the first write of a file after <c>fsync</c> of its folder.
/// A failed write is tried again until it succeeds or the device is closed, so that a full disk never leaves FASTER with
/// a hole: meanwhile <see cref="Problem"/> says why, and appends wait or are refused. Reads run on the caller, which
/// waits for them anyway; beyond the end of a file they give zeros, which FASTER takes for unused space.
/// </remarks>
internal sealed class SegmentDevice : StorageDeviceBase
{
    public const string Prefix = "log.";
    private const uint Sector = 512;
    private const uint Failed = 5;
    private static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(250);

    private readonly string folder;
    private readonly TimeProvider time;
    private readonly Dictionary<int, SafeFileHandle> handles = [];
    private readonly Lock gate = new();
    private readonly Dictionary<int, string> problems = [];
    private TaskCompletionSource problemRaised = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool closed;
    private int lastWrite;

    public SegmentDevice(string folder, int firstSegment, TimeProvider time)
        : base(System.IO.Path.Combine(folder, "log"), Sector, -1)
    {
        this.folder = folder;
        this.time = time;
        startSegment = firstSegment;
        endSegment = firstSegment - 1;
    }

    /// <summary>Why the latest write does not succeed; null while writes succeed.</summary>
    public string? Problem
    {
        get
        {
            lock (gate)
            {
                return problems.Count == 0 ? null : problems.Values.First();
            }
        }
    }

    /// <summary>Completes when a write fails, or at once while one does.</summary>
    public Task ProblemRaised
    {
        get
        {
            lock (gate)
            {
                return problemRaised.Task;
            }
        }
    }

    public static string PathOf(string folder, int segment) => System.IO.Path.Combine(folder, FormattableString.Invariant($"{Prefix}{segment}"));

    public override void WriteAsync(
        IntPtr sourceAddress, int segmentId, ulong destinationAddress, uint numBytesToWrite, DeviceIOCompletionCallback callback, object context)
    {
        HandleCapacity(segmentId);
        var write = new Write(this, Interlocked.Increment(ref lastWrite), sourceAddress, segmentId, (long)destinationAddress, (int)numBytesToWrite, callback, context);
        ThreadPool.UnsafeQueueUserWorkItem(write, preferLocal: false);
    }

    public override unsafe void ReadAsync(
        int segmentId, ulong sourceAddress, IntPtr destinationAddress, uint readLength, DeviceIOCompletionCallback callback, object context)
    {
        var target = new Span<byte>((void*)destinationAddress, (int)readLength);
        uint error = 0;
        try
        {
            var handle = HandleOf(segmentId, forWriting: false);
            var offset = (long)sourceAddress;
            while (target.Length > 0)
            {
                var count = RandomAccess.Read(handle, target, offset);
                if (count == 0)
                {
                    target.Clear();
                    break;
                }

                target = target[count..];
                offset += count;
            }
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            error = Failed;
        }

        callback(error, error == 0 ? readLength : 0, context);
    }

    public override void RemoveSegmentAsync(int segment, AsyncCallback callback, IAsyncResult result)
    {
        RemoveSegment(segment);
        callback(result);
    }

    public override void RemoveSegment(int segment)
    {
        lock (gate)
        {
            if (handles.Remove(segment, out var handle))
            {
                handle.Dispose();
            }
        }

        try
        {
            File.Delete(PathOf(folder, segment));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            // The next start removes what lies before the log's begin.
        }
    }

    public override long GetFileSize(int segment) => segmentSize;

    public override void Reset()
    {
    }

    /// <summary>Gives up writes that do not succeed.</summary>
    public void StopRetrying() => closed = true;

    public override void Dispose()
    {
        closed = true;
        lock (gate)
        {
            foreach (var handle in handles.Values)
            {
                handle.Dispose();
            }

            handles.Clear();
        }
    }

    private SafeFileHandle HandleOf(int segment, bool forWriting)
    {
        lock (gate)
        {
            if (handles.TryGetValue(segment, out var handle))
            {
                return handle;
            }

            ObjectDisposedException.ThrowIf(closed, this);
            var path = PathOf(folder, segment);
            var isNew = !File.Exists(path);
            if (isNew && !forWriting)
            {
                throw new FileNotFoundException(null, path);
            }

            handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            if (isNew)
            {
                DurableFiles.SyncFolder(folder);
            }

            handles.Add(segment, handle);
            return handle;
        }
    }

    private void Forget(int segment)
    {
        lock (gate)
        {
            if (handles.Remove(segment, out var handle))
            {
                handle.Dispose();
            }
        }
    }

    private void Report(int write, string? problem)
    {
        lock (gate)
        {
            if (problem is null)
            {
                if (problems.Remove(write) && problems.Count == 0)
                {
                    problemRaised = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }

                return;
            }

            problems[write] = problem;
            problemRaised.TrySetResult();
        }
    }

    private sealed class Write(
        SegmentDevice device, int number, IntPtr source, int segment, long offset, int length, DeviceIOCompletionCallback callback, object context) : IThreadPoolWorkItem
    {
        private bool failedBefore;
        private ITimer? timer;

        public void Execute()
        {
            try
            {
                Run();
                if (failedBefore)
                {
                    device.Report(number, null);
                }
            }
            catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                if (device.closed)
                {
                    callback(Failed, 0, context);
                    return;
                }

                failedBefore = true;
                device.Report(number, cause.Message);
                device.Forget(segment);
                timer?.Dispose();
                timer = device.time.CreateTimer(static state => ((Write)state!).Execute(), this, RetryEvery, Timeout.InfiniteTimeSpan);
                return;
            }

            timer?.Dispose();
            callback(0, (uint)length, context);
        }

        private unsafe void Run()
        {
            var handle = device.HandleOf(segment, forWriting: true);
            RandomAccess.Write(handle, new ReadOnlySpan<byte>((void*)source, length), offset);
            if (OperatingSystem.IsWindows())
            {
                RandomAccess.FlushToDisk(handle);
            }
            else
            {
                Posix.SyncData(handle, device.FileName);
            }
        }
    }
}
