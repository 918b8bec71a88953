using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace LogPipeline.Tests.Spark.Broker;

/// <summary>One call of Spark Connect without a client: asks for Spark's version, so that the server itself is tested by nothing of ours.</summary>
internal static class RawConnectCall
{
    /// <summary>Asks once.</summary>
    /// <returns>The gRPC status (0 for an answer, 16 for a wrong token), or null when nobody listens.</returns>
    public static async Task<int?> StatusAsync(int port, string? token, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/spark.connect.SparkConnectService/AnalyzePlan")))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Request()),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.ParseAdd("trailers");
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        try
        {
            using var response = await client.SendAsync(request, cancellationToken);
            _ = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            var status = response.TrailingHeaders.Concat(response.Headers).First(header => header.Key == "grpc-status").Value.First();
            return int.Parse(status, CultureInfo.InvariantCulture);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Asks until somebody answers.</summary>
    public static async Task<int> WaitAsync(int port, string? token, Task exited, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await StatusAsync(port, token, cancellationToken) is { } status)
            {
                return status;
            }

            if (await Task.WhenAny(exited, Task.Delay(100, cancellationToken)) == exited)
            {
                throw new InvalidOperationException("The server ended before it answered");
            }
        }
    }

    // AnalyzePlanRequest { session_id = 1, user_context = 2 { user_id = 1 }, spark_version = 10 {} } with the five bytes before a gRPC message.
    private static byte[] Request()
    {
        var session = System.Text.Encoding.ASCII.GetBytes(Guid.NewGuid().ToString());
        byte[] message = [0x0A, (byte)session.Length, .. session, 0x12, 0x03, 0x0A, 0x01, (byte)'t', 0x52, 0x00];
        var framed = new byte[message.Length + 5];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed.AsSpan(5));
        return framed;
    }
}
