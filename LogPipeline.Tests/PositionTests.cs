using LogPipeline.Core.EventLog;
using LogPipeline.Core.Streams;
using Xunit;

namespace LogPipeline.Tests;

public sealed class PositionTests
{
    [Fact]
    public void A_position_reads_what_it_writes()
    {
        Assert.True(EventPosition.TryParse(new EventPosition(3, 1_204_331).ToString(), out var position));
        Assert.Equal(new EventPosition(3, 1_204_331), position);
        Assert.False(EventPosition.TryParse("3", out _));
    }

    [Fact]
    public void The_shipped_web_log_schema_has_its_columns()
    {
        var schema = AvroSchemaReader.ReadShipped("web-log");
        Assert.Equal(16, schema.Columns.Count);
        Assert.True(schema.Columns[0].Required);
        Assert.Equal("attributes", schema.Arrow.GetFieldByIndex(16).Name);
    }
}
