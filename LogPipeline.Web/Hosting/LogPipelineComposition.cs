using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Health;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Live;
using LogPipeline.Core.Query;
using LogPipeline.Spark;
using LogPipeline.Spark.Streaming;
using LogPipeline.Web.Components;
using LogPipeline.Web.Rest;

namespace LogPipeline.Web.Hosting;

/// <summary>What the product is made of, in data order.</summary>
internal static class LogPipelineComposition
{
    /// <summary>Adds every stage, and what shows it.</summary>
    public static IServiceCollection AddLogPipeline(this IServiceCollection services, HostConfiguration configuration, bool withPages = true)
    {
        configuration.Register(services);
        if (SparkEngine.IsChosen(configuration.Host, configuration.Options<QueryOptions>()))
        {
            // Before the stages, so that it stops behind those that store through it.
            services.AddSparkHost();
        }

        services.AddStages(configuration.Host, configuration.Options<QueryOptions>()).AddHealth().AddRest();
        return withPages ? services.AddPages() : services;
    }

    /// <summary>Adds the stages: Ingest → Event log → Live and Lake → Query.</summary>
    public static IServiceCollection AddStages(this IServiceCollection services, PipelineOptions host, QueryOptions queries)
    {
        services.AddIngest().AddEventLog().AddLive().AddLake().AddSpark().AddSparkWriters(host);
        return (SparkEngine.AnswersQueries(host, queries) ? services.AddSparkQuery() : services).AddQuery();
    }
}
