using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using LogPipeline.Benchmarks.EndToEnd;

var name = args.Length > 0 ? args[0] : "all";
switch (name)
{
    case "micro":
        // In this process: the projects that BenchmarkDotNet generates would fall under this repository's build rules.
        var config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
        BenchmarkSwitcher.FromAssembly(typeof(Figure).Assembly).Run(args.Length > 1 ? args[1..] : ["--filter", "*"], config);
        return 0;
    case DuckDbPeer.Verb:
        return DuckDbPeer.Run(args[1..]);
    case ParseProduct.Verb:
        return await ParseProduct.RunAsync(args[1], Console.Out);
    case KafkaReaders.Verb:
        return await KafkaReaders.RunAsync(args[1..], Console.Out);
    default:
        return await Figure.RunAsync(name, Console.Out);
}
