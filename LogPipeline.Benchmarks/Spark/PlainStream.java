import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.DataStreamWriter;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;

/**
 * The peer: Structured Streaming from Kafka into Delta as a Java program writes it, in the program's own Spark.
 * Reads a command a line, fields separated by tabs: all or follow, then brokers, topic, file of the SQL, table, checkpoint, records a batch.
 */
public class PlainStream {
    public static void main(String[] arguments) throws Exception {
        SparkSession spark = SparkSession.builder().getOrCreate();
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        System.out.println("::ready");
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] fields = line.split("\t");
            long started = System.nanoTime();
            DataStreamWriter<Row> writer = writer(spark, fields);
            if (fields[0].equals("all")) {
                StreamingQuery query = writer.trigger(Trigger.AvailableNow()).start(fields[4]);
                query.awaitTermination();
                System.out.println("::" + (System.nanoTime() - started) / 1e9);
            } else {
                writer.trigger(Trigger.ProcessingTime("500 milliseconds")).start(fields[4]);
                System.out.println("::started");
            }
        }

        // The parent is done; nothing of this is needed any more.
        Runtime.getRuntime().halt(0);
    }

    private static DataStreamWriter<Row> writer(SparkSession spark, String[] fields) throws Exception {
        spark.readStream().format("kafka")
            .option("kafka.bootstrap.servers", fields[1])
            .option("kafka.isolation.level", "read_committed")
            .option("subscribe", fields[2])
            .option("startingOffsets", "earliest")
            .option("includeHeaders", "true")
            .option("maxOffsetsPerTrigger", fields[6])
            .load().createOrReplaceTempView("records");
        Dataset<Row> rows = spark.sql(Files.readString(Path.of(fields[3])));
        return rows.writeStream().format("delta").option("checkpointLocation", fields[5]).outputMode("append").partitionBy("date");
    }
}
