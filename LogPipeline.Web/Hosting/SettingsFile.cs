using System.Text;
using System.Text.Json;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.DataFolders;

namespace LogPipeline.Web.Hosting;

/// <summary>Changes one setting of a JSON file, and not a byte of the rest: comments, order and layout stay as somebody wrote them.</summary>
internal static class SettingsFile
{
    private static readonly JsonReaderOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Writes a text value below a section, making file, section and key where they are missing. The file is the old or the new one whatever happens.</summary>
    /// <exception cref="ConfigurationException">What is there is no JSON object.</exception>
    /// <exception cref="IOException">The volume failed.</exception>
    public static void Set(string path, string section, string key, string value)
    {
        // A link stays one: what it points to is replaced.
        var real = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
        byte[] changed;
        try
        {
            changed = File.Exists(real) ? Change(File.ReadAllBytes(real), section, key, value) : New(section, key, value);
        }
        catch (JsonException error)
        {
            throw new ConfigurationException([new(path, $"cannot be changed: {error.Message} Set {section}:{key} to {value} by hand.")]);
        }

        DurableFiles.Write(real, changed);
    }

    private static byte[] New(string section, string key, string value) => Encoding.UTF8.GetBytes(
        $$"""
        {
          {{JsonSerializer.Serialize(section)}}: {
            {{JsonSerializer.Serialize(key)}}: {{JsonSerializer.Serialize(value)}}
          }
        }

        """);

    private static byte[] Change(byte[] content, string section, string key, string value)
    {
        var start = content.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        var root = Members(content, start);
        var text = JsonSerializer.Serialize(value);
        if (root.TryGetValue($"{section}:{key}", out var flat))
        {
            return Replace(content, flat, text);
        }

        if (!root.TryGetValue(section, out var inner))
        {
            return Insert(content, start, $"{JsonSerializer.Serialize(section)}: {{ {JsonSerializer.Serialize(key)}: {text} }}", root.Count);
        }

        var members = Members(content, inner.Start.Value);
        return members.TryGetValue(key, out var present) ? Replace(content, present, text)
            : Insert(content, inner.Start.Value, $"{JsonSerializer.Serialize(key)}: {text}", members.Count);
    }

    /// <summary>The members of the object that begins at a place or behind white space and comments there, each with the place of its value.</summary>
    private static Dictionary<string, Range> Members(byte[] content, int start)
    {
        var members = new Dictionary<string, Range>(StringComparer.OrdinalIgnoreCase);
        var reader = new Utf8JsonReader(content.AsSpan(start), Lenient);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("An object is expected.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            _ = reader.Read();
            var at = start + (int)reader.TokenStartIndex;
            reader.Skip();
            members[name] = at..(start + (int)reader.BytesConsumed);
        }

        return members;
    }

    private static byte[] Replace(byte[] content, Range place, string text) => [.. content[..place.Start], .. Encoding.UTF8.GetBytes(text), .. content[place.End..]];

    private static byte[] Insert(byte[] content, int start, string member, int others)
    {
        var reader = new Utf8JsonReader(content.AsSpan(start), Lenient);
        _ = reader.Read();
        var at = start + (int)reader.BytesConsumed;
        return Replace(content, at..at, $" {member}{(others > 0 ? "," : " ")}");
    }
}
