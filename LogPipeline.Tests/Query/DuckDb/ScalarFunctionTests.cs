using System.Globalization;
using LogPipeline.Core.Query.DuckDb.Functions;
using Xunit;

namespace LogPipeline.Tests.Query.DuckDb;

/// <summary>C# functions as DuckDB calls them; the expected values are what Spark 4 gives.</summary>
public sealed class ScalarFunctionTests(DuckDbSession session) : IClassFixture<DuckDbSession>
{
    [Fact]
    public void Every_function_that_generated_sql_may_call_is_implemented_once()
    {
        var implemented = ScalarFunctions.All.Select(function => function.Name).ToArray();
        Assert.Equal(SparkFunctionNames.All.Order(), implemented.Distinct().Order());
    }

    [Theory]
    [InlineData("spark_cast_int(' 12 ')", "12")]
    [InlineData("spark_cast_int('+7')", "7")]
    [InlineData("spark_cast_int(E'\\t-42\\n')", "-42")]
    [InlineData("spark_cast_bigint('-9223372036854775808')", "-9223372036854775808")]
    [InlineData("spark_try_cast_int('2147483648')", null)]
    [InlineData("spark_try_cast_int('1e3')", null)]
    [InlineData("spark_try_cast_int('')", null)]
    [InlineData("spark_try_cast_int('+')", null)]
    [InlineData("spark_try_cast_int('+-1')", null)]
    [InlineData("spark_try_cast_tinyint('128')", null)]
    [InlineData("spark_cast_tinyint('-128')", "-128")]
    [InlineData("spark_cast_boolean(' T ')", "True")]
    [InlineData("spark_cast_boolean('No')", "False")]
    [InlineData("spark_try_cast_boolean('2')", null)]
    [InlineData("spark_cast_double('.5')", "0.5")]
    [InlineData("spark_cast_double('1.')", "1")]
    [InlineData("spark_cast_double('2.5d')", "2.5")]
    [InlineData("spark_cast_double('-Infinity')", "-Infinity")]
    [InlineData("spark_cast_double('nan')", "NaN")]
    [InlineData("spark_try_cast_double('0x1F')", null)]
    [InlineData("spark_try_cast_double('1e')", null)]
    [InlineData("spark_try_cast_double('1,5')", null)]
    [InlineData("spark_cast_decimal('12.3456', 6, 3)", "12.346")]
    [InlineData("spark_cast_decimal('1e2', 10, 0)", "100")]
    [InlineData("spark_cast_decimal(' -0.005 ', 10, 2)", "-0.01")]
    [InlineData("spark_try_cast_decimal('123', 2, 0)", null)]
    [InlineData("spark_try_cast_decimal('1.2.3', 10, 2)", null)]
    [InlineData("spark_cast_date('2015-5-7')", "16562")]
    [InlineData("spark_cast_date('2015')", "16436")]
    [InlineData("spark_cast_date('2015-05-17T10:00')", "16572")]
    [InlineData("spark_try_cast_date('2015-02-29')", null)]
    [InlineData("spark_try_cast_date('15-02-01')", null)]
    [InlineData("spark_cast_timestamp('2015-05-17 10:00:00.1234567')", "1431856800123456")]
    [InlineData("spark_cast_timestamp('2015-05-17T10:00:00+02:00')", "1431849600000000")]
    [InlineData("spark_cast_timestamp('2015-05-17T10:00:00Z')", "1431856800000000")]
    [InlineData("spark_cast_timestamp('2015-05-17 10:00:00 Europe/Paris')", "1431849600000000")]
    [InlineData("spark_cast_timestamp('2015-05-17')", "1431820800000000")]
    [InlineData("spark_try_cast_timestamp('2015-05-17 25:00:00')", null)]
    [InlineData("spark_try_cast_timestamp('x')", null)]
    public void Texts_are_cast_as_spark_casts_them(string expression, string? expected) =>
        Assert.Equal(expected, Convert.ToString(session.Value(expression), CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : null);

    [Theory]
    [InlineData("spark_double_to_string(1.0::double)", "1.0")]
    [InlineData("spark_double_to_string(1e20::double)", "1.0E20")]
    [InlineData("spark_double_to_string(1e7::double)", "1.0E7")]
    [InlineData("spark_double_to_string(9999999::double)", "9999999.0")]
    [InlineData("spark_double_to_string(0.001::double)", "0.001")]
    [InlineData("spark_double_to_string(1e-4::double)", "1.0E-4")]
    [InlineData("spark_double_to_string(0.1::double + 0.2::double)", "0.30000000000000004")]
    [InlineData("spark_double_to_string(4.9e-324::double)", "4.9E-324")]
    [InlineData("spark_double_to_string(-1.5::double)", "-1.5")]
    [InlineData("spark_double_to_string('-0.0'::double)", "-0.0")]
    [InlineData("spark_double_to_string('nan'::double)", "NaN")]
    [InlineData("spark_double_to_string(1.7976931348623157e308::double)", "1.7976931348623157E308")]
    [InlineData("spark_float_to_string(0.1::float)", "0.1")]
    [InlineData("spark_float_to_string(16777216::float)", "1.6777216E7")]
    [InlineData("spark_format_number('12332.123456', 4)", "12,332.1235")]
    [InlineData("spark_format_number('0.125', 2)", "0.12")]
    [InlineData("spark_format_number('2.5', 0)", "2")]
    [InlineData("spark_format_number('-0.5', 2)", "-0.50")]
    [InlineData("spark_format_number('1234567.891', 0)", "1,234,568")]
    [InlineData("spark_format_number('1', -1)", null)]
    [InlineData("spark_format_number(490.605::DOUBLE, 2)", "490.61")]
    [InlineData("spark_format_number(490.605::DECIMAL(6,3)::VARCHAR, 2)", "490.60")]
    [InlineData("spark_format_number('nan'::DOUBLE, 2)", "NaN")]
    [InlineData("spark_upper('ıſ')", "IS")]
    [InlineData("spark_conv('100', 2, 10)", "4")]
    [InlineData("spark_conv('-10', 16, -10)", "-16")]
    [InlineData("spark_conv('-1', 10, 16)", "FFFFFFFFFFFFFFFF")]
    [InlineData("spark_conv('zz', 10, 16)", "0")]
    public void Numbers_are_printed_as_java_prints_them(string expression, string? expected) => Assert.Equal(expected, session.Text(expression));

    [Theory]
    [InlineData(1.005, 2, 1.01)]
    [InlineData(2.5, 0, 3.0)]
    [InlineData(-2.5, 0, -3.0)]
    [InlineData(1234.5678, -2, 1200.0)]
    [InlineData(0.3, 20, 0.3)]
    public void Round_takes_the_printed_digits(double value, int scale, double expected) =>
        Assert.Equal(expected, session.Value(string.Create(CultureInfo.InvariantCulture, $"spark_round({value}::double, {scale})")));

    [Theory]
    [InlineData("spark_upper('straße ŉ')", "STRASSE ʼN")]
    [InlineData("spark_lower('ΑΣ ΑΣΑ')", "ας ασα")]
    [InlineData("spark_initcap('sPark sql-x')", "Spark Sql-x")]
    [InlineData("spark_reverse('日本🚀x')", "x🚀本日")]
    [InlineData("spark_substring('Spark SQL', 5, 2147483647)", "k SQL")]
    [InlineData("spark_substring('Spark SQL', -3, 2147483647)", "SQL")]
    [InlineData("spark_substring('abc', -10, 9)", "ab")]
    [InlineData("spark_substring('Spark', 0, 2)", "Sp")]
    [InlineData("spark_substring('日本語', 2, 1)", "本")]
    [InlineData("spark_substring('abc', 2, -1)", "")]
    [InlineData("spark_substring_index('www.apache.org', '.', 2)", "www.apache")]
    [InlineData("spark_substring_index('www.apache.org', '.', -1)", "org")]
    [InlineData("spark_substring_index('a--b--c', '--', -2)", "b--c")]
    [InlineData("spark_substring_index('www', '.', 1)", "www")]
    [InlineData("spark_substring_index('www.x', '.', 0)", "")]
    [InlineData("spark_split_part('a.b.c', '.', -1)", "c")]
    [InlineData("spark_split_part('a.b.c', '.', 5)", "")]
    [InlineData("spark_split_part('', '.', 1)", "")]
    [InlineData("spark_lpad('hi', 5, '?!')", "?!?hi")]
    [InlineData("spark_rpad('日本', 4, '語')", "日本語語")]
    [InlineData("spark_lpad('hello', 3, '*')", "hel")]
    [InlineData("spark_lpad('x', 3, '')", "x")]
    [InlineData("spark_soundex('Miller')", "M460")]
    [InlineData("spark_soundex('123')", "123")]
    [InlineData("spark_url_encode('https://a.b/c d?e=f&g=ä+~*')", "https%3A%2F%2Fa.b%2Fc+d%3Fe%3Df%26g%3D%C3%A4%2B%7E*")]
    [InlineData("spark_url_decode('a%20b+c')", "a b c")]
    [InlineData("spark_parse_url('https://u@example.com:8/a?b=c#d', 'HOST')", "example.com")]
    [InlineData("spark_parse_url('https://u@example.com:8/a?b=c#d', 'AUTHORITY')", "u@example.com:8")]
    [InlineData("spark_parse_url('https://u@example.com:8/a?b=c#d', 'FILE')", "/a?b=c")]
    [InlineData("spark_parse_url('', 'PATH')", "")]
    [InlineData("spark_parse_url('', 'HOST')", null)]
    [InlineData("spark_parse_url('http://under_score/x', 'HOST')", null)]
    [InlineData("spark_parse_url_key('https://a/?x=1&b=2', 'QUERY', 'b')", "2")]
    [InlineData("spark_get_json_object('{\"user\":{\"id\":7,\"n\":1.50}}', '$.user.n')", "1.5")]
    [InlineData("spark_get_json_object('{\"a\": [1, {\"b\" : \"x\"}]}', '$.a')", "[1,{\"b\":\"x\"}]")]
    [InlineData("spark_get_json_object('{\"a\":\"t\"}', '$.a')", "t")]
    [InlineData("spark_get_json_object('[1,2,3]', '$[1]')", "2")]
    [InlineData("spark_get_json_object('{\"a\":null}', '$.a')", null)]
    [InlineData("spark_get_json_object('not json {', '$.a')", null)]
    public void Texts_are_taken_apart_as_spark_does(string expression, string? expected) => Assert.Equal(expected, session.Text(expression));

    [Theory]
    [InlineData("spark_cast_int('12.7')", "CAST_INVALID_INPUT")]
    [InlineData("spark_cast_decimal('123', 2, 0)", "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION")]
    [InlineData("spark_split_part('a.b', '.', 0)", "INVALID_INDEX_OF_ZERO")]
    [InlineData("spark_regexp_extract('100-200', '(\\d+)', 3)", "INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX")]
    [InlineData("spark_regexp_like('a', '(')", "INVALID_PARAMETER_VALUE.PATTERN")]
    [InlineData("spark_regexp_like('a', '[a&&b]')", "UNSUPPORTED_FEATURE.EMBEDDED_ENGINE")]
    [InlineData("spark_parse_url('http://bad host/x y', 'HOST')", "INVALID_URL")]
    [InlineData("spark_url_decode('%zz')", "CANNOT_DECODE_URL")]
    [InlineData("spark_like('a', 'a!b', '!')", "INVALID_FORMAT.ESC_IN_THE_MIDDLE")]
    [InlineData("spark_like('a', 'a!', '!')", "INVALID_FORMAT.ESC_AT_THE_END")]
    [InlineData("spark_div_decimal(1::hugeint, 0::hugeint)", "DIVIDE_BY_ZERO")]
    [InlineData("spark_to_timestamp('x', 'yyyy')", "CANNOT_PARSE_TIMESTAMP")]
    [InlineData("spark_from_utc_timestamp(0, 'Nowhere/City')", "INVALID_TIMEZONE")]
    [InlineData("error('[USER_RAISED_EXCEPTION] mine SQLSTATE: P0001')", "USER_RAISED_EXCEPTION")]
    [InlineData("9223372036854775807 + 1", "ARITHMETIC_OVERFLOW")]
    public void Failures_have_sparks_class(string expression, string errorClass) => Assert.Equal(errorClass, session.ErrorClass(expression));

    [Theory]
    [InlineData("0", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "1970-01-01T00:00:00.000Z")]
    [InlineData("1431857103463878", "EEEE, d MMMM yy h:mm a", "Sunday, 17 May 15 10:05 AM")]
    [InlineData("1431857103463878", "D QQQ Q SSSSSS k K 'o''clock' VV", "137 Q2 2 463878 10 10 o'clock UTC")]
    [InlineData("-62198755200000000", "yyyy G", "0002 BC")]
    public void Instants_are_printed_by_java_patterns(string micros, string pattern, string expected) =>
        Assert.Equal(expected, session.Text($"spark_date_format({micros}, '{pattern.Replace("'", "''", StringComparison.Ordinal)}')"));

    [Theory]
    [InlineData("17/05/2015 10:05", "dd/MM/yyyy HH:mm", 1431857100000000L)]
    [InlineData("20150517", "yyyyMMdd", 1431820800000000L)]
    [InlineData("17/May/2015:10:05:03 +0200", "dd/MMM/yyyy:HH:mm:ss Z", 1431849903000000L)]
    [InlineData("2015-05-17T10:05:03.5Z", "yyyy-MM-dd'T'HH:mm:ss[.SSS]XXX", 1431857103500000L)]
    [InlineData("10:05 PM", "hh:mm a", 79500000000L)]
    [InlineData("2015-02-30", "yyyy-MM-dd", null)]
    [InlineData("2015-5-17", "yyyy-MM-dd", null)]
    [InlineData("2015-05-17x", "yyyy-MM-dd", null)]
    [InlineData("12015-05-17", "yyyy-MM-dd", null)]
    public void Texts_are_read_by_java_patterns(string text, string pattern, long? expected) =>
        Assert.Equal(expected, session.Value($"spark_try_to_timestamp('{text}', '{pattern.Replace("'", "''", StringComparison.Ordinal)}')") as long?);

    [Theory]
    [InlineData("spark_regexp_extract('100-200', '(\\d+)-(\\d+)', 2)", "200")]
    [InlineData("spark_regexp_extract('abc', '\\d', 0)", "")]
    [InlineData("spark_regexp_replace('a1b22', '[0-9]+', '<$0>')", "a<1>b<22>")]
    [InlineData("spark_regexp_replace('abc', '(?<x>b)', '${x}\\$')", "ab$c")]
    [InlineData("array_to_string(spark_split('a,b,,', ',', -1), '|')", "a|b||")]
    [InlineData("array_to_string(spark_split('abc', '', -1), '|')", "a|b|c")]
    [InlineData("array_to_string(spark_split('oneAtwoBthreeC', '[ABC]', 2), '|')", "one|twoBthreeC")]
    [InlineData("array_to_string(spark_regexp_extract_all('100-200, 300-400', '(\\d+)-(\\d+)', 1), '|')", "100|300")]
    [InlineData("spark_regexp_substr('abc', 'z')", null)]
    [InlineData("spark_regexp_replace('ÀÉ1', '\\w', '_')", "ÀÉ_")]
    [InlineData("spark_regexp_replace('Kkſ\u212A', '(?i)k', '_')", "__ſ\u212A")]
    [InlineData("spark_regexp_replace('a🚀b', '.', '_')", "___")]
    [InlineData("spark_regexp_replace(E'a\\r\\n', '$', '_')", "a_\r\n_")]
    [InlineData("spark_regexp_extract('aaa', 'a++a', 0)", "")]
    public void Regular_expressions_are_javas(string expression, string? expected) => Assert.Equal(expected, session.Text(expression));

    [Theory]
    [InlineData("a_b", @"a\_b", true)]
    [InlineData("axb", @"a\_b", false)]
    [InlineData("a\nb", "a_b", true)]
    [InlineData("", "%", true)]
    [InlineData("🚀x", "_x", true)]
    [InlineData("mississippi", "%ss%pi", true)]
    [InlineData("abc", "A%", false)]
    public void Like_matches_code_points(string text, string pattern, bool expected) =>
        Assert.Equal(expected, session.Value($"spark_like('{text}', '{pattern}', '\\')"));

    [Fact]
    public void A_null_argument_gives_null_in_any_row_of_a_chunk() =>
        Assert.Equal("1500", session.Text("(SELECT count(*)::varchar FROM range(3000) t(i) WHERE spark_substring(CASE WHEN i % 2 = 0 THEN 'text ' || i END, 1, 4) IS NULL)"));

    [Fact]
    public void Months_between_are_sparks()
    {
        Assert.Equal(3.94959677, session.Value("spark_months_between(epoch_us(timestamp '1997-02-28 10:30:00'), epoch_us(timestamp '1996-10-30'), true)"));
        Assert.Equal(1.0, session.Value("spark_months_between(epoch_us(timestamp '2015-03-31'), epoch_us(timestamp '2015-02-28'), true)"));
    }
}
