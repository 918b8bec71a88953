namespace LogPipeline.Web.Components.Parts;

/// <summary>The drawings of <see cref="Icon"/>: strokes in a box of 16.</summary>
internal static class Icons
{
    private static readonly Dictionary<string, string> Drawings = new(StringComparer.Ordinal)
    {
        ["dashboard"] = """<rect x="2" y="2" width="5" height="6" rx="1"/><rect x="9" y="2" width="5" height="4" rx="1"/><rect x="2" y="10" width="5" height="4" rx="1"/><rect x="9" y="8" width="5" height="6" rx="1"/>""",
        ["tail"] = """<path d="M2 3.5h12M2 7h12M2 10.5h6M12 9.5v4.2M10.2 12l1.8 1.8 1.8-1.8"/>""",
        ["query"] = """<path d="M2.5 4l4 4-4 4M8.5 12.5h5"/>""",
        ["health"] = """<path d="M1.5 8.5h3l2-5 3 9 2-4h3"/>""",
        ["dead"] = """<path d="M2 9l2-5.5h8L14 9v3.5a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1zM2 9h3.5l1 2h3l1-2H14"/>""",
        ["api"] = """<path d="M6 2.5c-2 0-2 1-2 2.7S3.5 8 2.3 8C3.5 8 4 9 4 10.800s0 2.7 2 2.700M10 2.500c2 0 2 1 2 2.700S12.5 8 13.7 8C12.5 8 12 9 12 10.800s0 2.7-2 2.7"/>""",
        ["stream"] = """<path d="M1.5 5.500c1.6-1.5 2.7-1.5 4.3 0s2.7 1.5 4.3 0 2.7-1.5 4.3 0M1.5 10.500c1.6-1.5 2.7-1.5 4.3 0s2.7 1.5 4.3 0 2.7-1.5 4.3 0"/>""",
        ["down"] = """<path d="M4 6.200l4 4 4-4"/>""",
        ["up"] = """<path d="M4 9.800l4-4 4 4"/>""",
        ["close"] = """<path d="M4.2 4.200l7.6 7.600M11.8 4.200l-7.6 7.6"/>""",
        ["plus"] = """<path d="M8 3v10M3 8h10"/>""",
        ["minus"] = """<path d="M3 8h10"/>""",
        ["sun"] = """<circle cx="8" cy="8" r="2.6"/><path d="M8 1.700v1.400M8 12.900v1.400M1.7 8h1.400M12.9 8h1.400M3.5 3.500l1 1M11.5 11.500l1 1M12.5 3.500l-1 1M4.5 11.500l-1 1"/>""",
        ["moon"] = """<path d="M13.2 9.800A5.7 5.7 0 0 1 6.2 2.800a5.7 5.7 0 1 0 7 7z"/>""",
        ["help"] = """<circle cx="8" cy="8" r="6"/><path d="M6.2 6.300c.2-1.1 1-1.6 1.9-1.6 1.1 0 1.9.7 1.9 1.7 0 1.3-1.9 1.4-1.9 2.700M8.1 11.300v.1"/>""",
        ["link"] = """<path d="M6.7 9.300a2.7 2.7 0 0 0 3.9.2l2-2a2.7 2.7 0 0 0-3.8-3.900l-1 1M9.3 6.700a2.7 2.7 0 0 0-3.9-.2l-2 2a2.7 2.7 0 0 0 3.8 3.900l1-1"/>""",
        ["expand"] = """<path d="M9.5 2.500h4v4M13.5 2.500L9 7M6.5 13.500h-4v-4M2.5 13.500L7 9"/>""",
        ["search"] = """<circle cx="7" cy="7" r="4.3"/><path d="M10.2 10.200l3.5 3.5"/>""",
        ["pause"] = """<path d="M5.5 4v8M10.5 4v8"/>""",
        ["play"] = """<path d="M4.5 3l8 5-8 5z"/>""",
        ["columns"] = """<rect x="2" y="3" width="12" height="10" rx="1"/><path d="M6 3v10M10 3v10"/>""",
        ["export"] = """<path d="M8 2.500v7.500M5 7.500l3 3 3-3M2.5 13.500h11"/>""",
        ["copy"] = """<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M10.5 5.500v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2"/>""",
        ["more"] = """<path d="M2.5 4h11M2.5 8h11M2.5 12h11"/>""",
        ["check"] = """<path d="M3 8.500l3.2 3.200L13 4.8"/>""",
        ["clock"] = """<circle cx="8" cy="8" r="6"/><path d="M8 4.500V8l2.3 1.5"/>""",
        ["ingest"] = """<path d="M2.5 3v10M5.5 8h8M10.5 5l3 3-3 3"/>""",
        ["log"] = """<rect x="2" y="3" width="12" height="3" rx="1"/><rect x="2" y="10" width="12" height="3" rx="1"/><path d="M4.5 6v4M8 6v4M11.5 6v4"/>""",
        ["lake"] = """<ellipse cx="8" cy="3.8" rx="5.5" ry="2"/><path d="M2.5 3.800v8.400c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2V3.800M2.5 8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2"/>""",
        ["web"] = """<rect x="2" y="2.5" width="12" height="8.5" rx="1"/><path d="M5.5 13.500h5M8 11v2.5"/>""",
        ["external"] = """<path d="M9.5 2.500h4v4M13.5 2.500l-6 6M11.5 9.500v3a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1h3"/>""",
        ["kafka"] = """<circle cx="6" cy="8" r="1.9"/><circle cx="6" cy="2.9" r="1.400"/><circle cx="6" cy="13.1" r="1.400"/><circle cx="11.4" cy="5" r="1.400"/><circle cx="11.4" cy="11" r="1.400"/><path d="M6 4.300v1.800M6 9.900v1.800M10.200 5.700L7.700 7.100M10.200 10.300L7.700 8.900"/>""",
        ["spark"] = """<path d="M8 1.800v3.700M8 10.500v3.700M1.800 8h3.700M10.500 8h3.700M3.600 3.600l2.600 2.600M9.800 9.800l2.600 2.600M12.400 3.600L9.800 6.200M6.200 9.800l-2.600 2.600"/>""",
        ["plan"] = """<rect x="6" y="1.8" width="4" height="3.400" rx=".8"/><rect x="1.8" y="10.800" width="4" height="3.400" rx=".8"/><rect x="10.200" y="10.800" width="4" height="3.400" rx=".8"/><path d="M8 5.200v2.800M3.800 10.800V8h8.400v2.800"/>""",
        ["filter"] = """<path d="M2 3h12l-4.7 5.500V13l-2.6-1.500v-3z"/>""",
    };

    public static string Find(string name) => Drawings.GetValueOrDefault(name, "");
}
