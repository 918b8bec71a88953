using System.Net;
using System.Net.Sockets;

namespace LogPipeline.Tests.Spark.Connect;

/// <summary>A TCP proxy before a real server that resets connections: when told to, or each time the server has sent so many bytes.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private readonly HashSet<Socket> open = [];
    private readonly int serverPort;
    private readonly Task accepting;
    private int refusals;

    public CuttingProxy(int serverPort)
    {
        this.serverPort = serverPort;
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Bytes from the server after which a connection is reset; null for never.</summary>
    public long? CutAfterBytes { get; set; }

    /// <summary>Connections that were reset.</summary>
    public int Cuts { get; private set; }

    /// <summary>Resets every connection now.</summary>
    /// <param name="refuseNext">How many further connections are reset as they come.</param>
    public void Cut(int refuseNext = 0)
    {
        refusals = refuseNext;
        lock (gate)
        {
            foreach (var socket in open)
            {
                socket.Close(0);
            }

            Cuts += open.Count > 0 ? 1 : 0;
            open.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        Cut();
        await accepting;
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var pumps = new List<Task>();
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync(stop.Token);
                if (refusals > 0)
                {
                    refusals--;
                    Cuts++;
                    client.Close(0);
                    continue;
                }

                var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await server.ConnectAsync(IPAddress.Loopback, serverPort, stop.Token);
                lock (gate)
                {
                    open.Add(client);
                    open.Add(server);
                }

                pumps.Add(PumpAsync(client, server, isFromServer: false));
                pumps.Add(PumpAsync(server, client, isFromServer: true));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }

        await Task.WhenAll(pumps);
    }

    private async Task PumpAsync(Socket from, Socket to, bool isFromServer)
    {
        var buffer = new byte[64 << 10];
        var sent = 0L;
        try
        {
            while (await from.ReceiveAsync(buffer, stop.Token) is var count and > 0)
            {
                await to.SendAsync(buffer.AsMemory(0, count), stop.Token);
                sent += count;
                if (isFromServer && sent >= CutAfterBytes)
                {
                    break;
                }
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException or OperationCanceledException)
        {
        }

        lock (gate)
        {
            Cuts += isFromServer && sent >= CutAfterBytes ? 1 : 0;
            open.Remove(from);
            open.Remove(to);
        }

        from.Close(0);
        to.Close(0);
    }
}
