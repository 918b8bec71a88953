using BenchmarkDotNet.Running;
using LogPipeline.Benchmarks.EndToEnd;

var name = args.Length > 0 ? args[0] : "all";
switch (name)
{
    case "micro":
        BenchmarkSwitcher.FromAssembly(typeof(Figure).Assembly).Run(args[1..]);
        return 0;
    case DuckDbPeer.Verb:
        return DuckDbPeer.Run(args[1..]);
    case ParseProduct.Verb:
        return await ParseProduct.RunAsync(args[1], Console.Out);
    default:
        return await Figure.RunAsync(name, Console.Out);
}
