using System.Globalization;
using System.Text;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.SparkSql.Plan;

/// <summary>An expression with its Spark type.</summary>
/// <param name="Type">Spark type of the value.</param>
internal abstract record TypedExpression(DataType Type)
{
    /// <summary>How Spark prints it in result names and messages.</summary>
    public string Pretty { get; init; } = "";

    /// <summary>The same under another text.</summary>
    public TypedExpression Titled(string pretty) => this with { Pretty = pretty };

    /// <summary>Equal for expressions that mean the same.</summary>
    public abstract string Key { get; }

    public virtual IReadOnlyList<TypedExpression> Children => [];

    /// <summary>The same with other children, of the same number and types.</summary>
    public virtual TypedExpression With(IReadOnlyList<TypedExpression> children) => this;

    /// <summary>Whether it, or a part of it, answers the question.</summary>
    public bool Any(Func<TypedExpression, bool> question) => question(this) || Children.Any(child => child.Any(question));

    /// <summary>Replaces parts, from the top; null keeps a part and goes on below it.</summary>
    public TypedExpression Replace(Func<TypedExpression, TypedExpression?> by)
    {
        if (by(this) is { } other)
        {
            return other;
        }

        var children = Children;
        if (children.Count == 0)
        {
            return this;
        }

        var changed = false;
        var replaced = new TypedExpression[children.Count];
        for (var index = 0; index < replaced.Length; index++)
        {
            replaced[index] = children[index].Replace(by);
            changed |= !ReferenceEquals(replaced[index], children[index]);
        }

        return changed ? With(replaced) : this;
    }

    protected static string Keys(string name, IEnumerable<TypedExpression> children) =>
        $"{name}({string.Join(',', children.Select(child => child.Key))})";
}

/// <summary>A constant; see <c>Values/SparkValues</c> for how each type is held.</summary>
internal sealed record LiteralExpression(DataType Type, object? Value) : TypedExpression(Type)
{
    public override string Key => Value switch
    {
        null => $"null:{Type}",
        byte[] bytes => $"x{Convert.ToHexString(bytes)}",
        double number => $"{BitConverter.DoubleToInt64Bits(number)}:{Type}",
        _ => $"'{string.Create(CultureInfo.InvariantCulture, $"{Value}").Replace("'", "''", StringComparison.Ordinal)}':{Type}",
    };
}

internal sealed record ColumnExpression(Column Column) : TypedExpression(Column.Type)
{
    public override string Key => $"#{Column.Id}";
}

/// <summary>A scalar function or operator of the library.</summary>
internal sealed record CallExpression(string Function, IReadOnlyList<TypedExpression> Arguments, DataType Type) : TypedExpression(Type)
{
    /// <summary>Whether it can fail for some values.</summary>
    public bool Raises { get; init; }

    public override string Key => Keys(Function, Arguments) + (Raises ? "!" : "");

    public override IReadOnlyList<TypedExpression> Children => Arguments;

    public override TypedExpression With(IReadOnlyList<TypedExpression> children) => this with { Arguments = children };
}

internal sealed record CastExpression(TypedExpression Operand, DataType Type, bool Try) : TypedExpression(Type)
{
    public override string Key => $"{(Try ? "try_" : "")}cast({Operand.Key}:{Type})";

    public override IReadOnlyList<TypedExpression> Children => [Operand];

    public override TypedExpression With(IReadOnlyList<TypedExpression> children) => this with { Operand = children[0] };
}

/// <summary>CASE WHEN: pairs of condition and value, then perhaps the rest.</summary>
internal sealed record CaseExpression(IReadOnlyList<(TypedExpression When, TypedExpression Then)> Branches, TypedExpression? Else, DataType Type) : TypedExpression(Type)
{
    public override string Key => Keys($"case{Branches.Count}", Children);

    public override IReadOnlyList<TypedExpression> Children =>
        [.. Branches.SelectMany(branch => new[] { branch.When, branch.Then }), .. Else is null ? Array.Empty<TypedExpression>() : [Else]];

    public override TypedExpression With(IReadOnlyList<TypedExpression> children) => this with
    {
        Branches = [.. Branches.Select((_, index) => (children[2 * index], children[(2 * index) + 1]))],
        Else = Else is null ? null : children[^1],
    };
}

/// <summary>One order of an ORDER BY.</summary>
internal sealed record SortKey(TypedExpression Expression, bool Descending, bool NullsFirst)
{
    public string Key => $"{Expression.Key} {(Descending ? "desc" : "asc")} {(NullsFirst ? "first" : "last")}";
}

/// <summary>An aggregate function over the rows of a group.</summary>
internal sealed record AggregateExpression(string Function, IReadOnlyList<TypedExpression> Arguments, DataType Type) : TypedExpression(Type)
{
    public bool Distinct { get; init; }

    public TypedExpression? Filter { get; init; }

    public IReadOnlyList<SortKey> Order { get; init; } = [];

    public override string Key => Keys("agg " + Function + (Distinct ? " distinct" : "") + (Filter is null ? "" : " where " + Filter.Key) + string.Join(',', Order.Select(key => key.Key)), Arguments);

    public override IReadOnlyList<TypedExpression> Children => [.. Arguments, .. Order.Select(key => key.Expression), .. Filter is null ? Array.Empty<TypedExpression>() : [Filter]];

    public override TypedExpression With(IReadOnlyList<TypedExpression> children) => this with
    {
        Arguments = [.. children.Take(Arguments.Count)],
        Order = [.. Order.Select((key, index) => key with { Expression = children[Arguments.Count + index] })],
        Filter = Filter is null ? null : children[^1],
    };
}

/// <summary>A frame bound: an offset in rows or in the order's unit, negative before the row; null is unbounded.</summary>
internal readonly record struct FrameBound(bool Unbounded, long Offset, bool Preceding);

/// <summary>Rows that a window function sees.</summary>
internal sealed record WindowFrame(bool Rows, FrameBound Low, FrameBound High, DataType? OffsetType)
{
    /// <summary>Whether a range counts days.</summary>
    public bool OnDate { get; init; }
}

/// <summary>A function over a window: an aggregate (an <see cref="AggregateExpression"/>) or a window function (a <see cref="CallExpression"/>).</summary>
internal sealed record WindowExpression(TypedExpression Function, IReadOnlyList<TypedExpression> Partition, IReadOnlyList<SortKey> Order, WindowFrame? Frame, bool IgnoreNulls) : TypedExpression(Function.Type)
{
    public override string Key
    {
        get
        {
            var text = new StringBuilder("over ").Append(Function.Key);
            foreach (var part in Partition)
            {
                text.Append(" by ").Append(part.Key);
            }

            foreach (var key in Order)
            {
                text.Append(" order ").Append(key.Key);
            }

            return text.Append(Frame).Append(IgnoreNulls).ToString();
        }
    }

    public override IReadOnlyList<TypedExpression> Children => [.. Function.Children, .. Partition, .. Order.Select(key => key.Expression)];

    public override TypedExpression With(IReadOnlyList<TypedExpression> children)
    {
        var own = Function.Children.Count;
        return this with
        {
            Function = Function.With([.. children.Take(own)]),
            Partition = [.. children.Skip(own).Take(Partition.Count)],
            Order = [.. Order.Select((key, index) => key with { Expression = children[own + Partition.Count + index] })],
        };
    }
}

/// <summary>The one value of a query; null when it has no row, an error when it has several.</summary>
internal sealed record ScalarQueryExpression(Relation Query, Column Value) : TypedExpression(Value.Type)
{
    public override string Key => $"query#{Value.Id}";
}

internal sealed record ExistsExpression(Relation Query, int Id) : TypedExpression(DataTypes.Boolean)
{
    public override string Key => $"exists#{Id}";
}

/// <summary><c>(a, b) IN (query)</c>.</summary>
internal sealed record InQueryExpression(IReadOnlyList<TypedExpression> Operands, Relation Query, int Id) : TypedExpression(DataTypes.Boolean)
{
    public override string Key => Keys($"in#{Id}", Operands);

    public override IReadOnlyList<TypedExpression> Children => Operands;

    public override TypedExpression With(IReadOnlyList<TypedExpression> children) => this with { Operands = children };
}

/// <summary>A field of a struct.</summary>
internal sealed record FieldExpression(TypedExpression Operand, string Name, DataType Type) : TypedExpression(Type)
{
    public override string Key => $"{Operand.Key}.`{Name}`";

    public override IReadOnlyList<TypedExpression> Children => [Operand];

    public override TypedExpression With(IReadOnlyList<TypedExpression> children) => this with { Operand = children[0] };
}

/// <summary>A function of its parameters, for arrays and maps.</summary>
internal sealed record LambdaExpression(IReadOnlyList<Column> Parameters, TypedExpression Body) : TypedExpression(Body.Type)
{
    public override string Key => $"lambda {string.Join(',', Parameters)} {Body.Key}";

    public override IReadOnlyList<TypedExpression> Children => [Body];

    public override TypedExpression With(IReadOnlyList<TypedExpression> children) => this with { Body = children[0] };
}
