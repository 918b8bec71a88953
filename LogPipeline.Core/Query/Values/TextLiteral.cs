using System.Globalization;
using System.Text;

namespace LogPipeline.Core.Query.Values;

/// <summary>Writes a text into a statement.</summary>
public static class TextLiteral
{
    /// <summary>A text as a literal of Spark SQL in which nothing but letters, digits and spaces stands for itself: <c>it's</c> is <c>'it\u0027s'</c>.</summary>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var literal = new StringBuilder("'");
        foreach (var one in text)
        {
            _ = char.IsAsciiLetterOrDigit(one) || one == ' ' ? literal.Append(one) : literal.Append(CultureInfo.InvariantCulture, $"\\u{(int)one:X4}");
        }

        return literal.Append('\'').ToString();
    }
}
