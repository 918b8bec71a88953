using MudBlazor;

namespace LogPipeline.Web.Components.Layout;

/// <summary>The look's colours for MudBlazor's parts. The same tokens are CSS variables in <c>css/tokens.css</c>.</summary>
internal static class Theme
{
    public static MudTheme Look { get; } = new()
    {
        PaletteDark = Fill(new PaletteDark(), new Tokens(
            "#0C0E13", "#12151B", "#0E1116", "#1B2029", "#222832", "#39414F", "#5263E0", "#E8EBF1", "#B0B8C6", "#8B95A5",
            "#9DABFF", "#46C2A3", "#E6B04F", "#FF7D8E", "#83B5EA")),
        PaletteLight = Fill(new PaletteLight(), new Tokens(
            "#F6F7F9", "#FFFFFF", "#F1F3F6", "#EEF0F4", "#E1E5EA", "#C3CAD4", "#4757D8", "#151A23", "#434C5B", "#5C6676",
            "#3F50CF", "#0A755E", "#8A5E00", "#A31E3B", "#1F62A8")),
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "6px", AppbarHeight = "48px", DrawerWidthLeft = "176px" },
        Typography = new Typography { Default = new DefaultTypography { FontFamily = ["Inter", "system-ui", "sans-serif"], FontSize = "13px", LineHeight = "20px", LetterSpacing = "0" } },
    };

    private static T Fill<T>(T palette, Tokens token)
        where T : Palette
    {
        palette.Background = palette.AppbarBackground = palette.DrawerBackground = token.Ground;
        palette.Surface = token.Surface;
        palette.BackgroundGray = token.Sunken;
        palette.TableHover = token.Hover;
        palette.LinesDefault = palette.TableLines = palette.Divider = token.Border;
        palette.LinesInputs = token.BorderStrong;
        palette.Secondary = token.Fill;
        palette.SecondaryContrastText = "#FFFFFF";
        palette.TextPrimary = palette.AppbarText = token.Text;
        palette.TextSecondary = palette.DrawerText = token.Text2;
        palette.TextDisabled = palette.ActionDefault = token.Text3;
        palette.Primary = token.Accent;
        palette.Success = token.Ok;
        palette.Warning = token.Warn;
        palette.Error = token.Bad;
        palette.Info = token.Info;
        return palette;
    }

    private sealed record Tokens(
        string Ground, string Surface, string Sunken, string Hover, string Border, string BorderStrong, string Fill, string Text, string Text2, string Text3,
        string Accent, string Ok, string Warn, string Bad, string Info);
}
