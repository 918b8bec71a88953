import org.apache.spark.sql.SparkSession;

/** Prints the rows of a query over Delta tables as JSON lines, each behind "ROW ". Arguments: the query, then name=folder for each table. */
public final class ReadTable {
    public static void main(String[] args) {
        SparkSession spark = SparkSession.builder()
            .master("local[2]")
            .appName("read-table")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.databricks.delta.snapshotPartitions", "2")
            .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
            .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
            .getOrCreate();
        for (int index = 1; index < args.length; index++) {
            int split = args[index].indexOf('=');
            spark.read().format("delta").load(args[index].substring(split + 1)).createOrReplaceTempView(args[index].substring(0, split));
        }
        for (String row : spark.sql(args[0]).toJSON().collectAsList()) {
            System.out.println("ROW " + row);
        }
        spark.stop();
    }
}
