using System.Text.Json;

namespace LogPipeline.Core.Ingest.Formats;

/// <summary>Finds the values of a JSON array, or of JSON values in a row, in bytes that arrive piece by piece.</summary>
/// <remarks>After a syntax error no value can be told from the next: the rest of the input is consumed as one record that does not fit.</remarks>
internal sealed class JsonValueCutter(bool array, int maxDepth)
{
    // An element may be as deep as an event is: one level more for the array around it.
    private JsonReaderState state = new(new JsonReaderOptions { MaxDepth = maxDepth + 1, AllowMultipleValues = !array });
    private bool opened;
    private bool broken;

    /// <summary>Finds the next value.</summary>
    /// <param name="bytes">What follows the bytes consumed so far.</param>
    /// <param name="last">Whether nothing follows.</param>
    /// <param name="maxBytes">Longest value that is waited for.</param>
    /// <param name="consumed">Bytes to drop from the front.</param>
    /// <param name="start">Where the value starts in them; equal to <paramref name="consumed"/> when there is none.</param>
    /// <param name="problem">Why the value cannot be read, or null.</param>
    /// <returns>False when more bytes are needed.</returns>
    public bool TryNext(ReadOnlySpan<byte> bytes, bool last, int maxBytes, out int consumed, out int start, out string? problem)
    {
        consumed = 0;
        start = 0;
        problem = null;
        if (broken)
        {
            consumed = bytes.Length;
            start = consumed;
            return consumed > 0;
        }

        var reader = new Utf8JsonReader(bytes, last, state);
        try
        {
            if (!reader.Read())
            {
                return false;
            }

            if (array && !opened)
            {
                opened = true;
                return Consume(ref reader, out consumed, out start);
            }

            if (array && reader.TokenType == JsonTokenType.EndArray && reader.CurrentDepth == 0)
            {
                return Consume(ref reader, out consumed, out start);
            }

            start = (int)reader.TokenStartIndex;
            if (!reader.TrySkip())
            {
                if (bytes.Length - start <= maxBytes)
                {
                    start = 0;
                    return false;
                }

                broken = true;
                consumed = bytes.Length;
                problem = FormattableString.Invariant($"is longer than {maxBytes:N0} bytes; nothing after it was read");
                return true;
            }

            consumed = (int)reader.BytesConsumed;
            state = reader.CurrentState;
            return true;
        }
        catch (JsonException exception)
        {
            broken = true;
            consumed = bytes.Length;
            start = Math.Min((int)reader.BytesConsumed, consumed);
            problem = Problems.NotJson(exception, bytes) + "; nothing after it was read";
            return true;
        }
    }

    private bool Consume(ref Utf8JsonReader reader, out int consumed, out int start)
    {
        consumed = (int)reader.BytesConsumed;
        start = consumed;
        state = reader.CurrentState;
        return true;
    }
}
