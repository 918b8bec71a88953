namespace LogPipeline.Core.Ingest.Generator;

/// <summary>The shop whose traffic is made up: its services, pages and what they say.</summary>
internal static class Shop
{
    /// <summary>Pages in the order of their popularity; the weight of the n-th is about 1/n.</summary>
    public static readonly IReadOnlyList<Page> Pages =
    [
        new("catalog", "GET", "/api/products", 24, ["served 24 products, page {0}", "served 24 products, category shoes", "stock {0} in 3 stores"]),
        new("search", "GET", "/api/search", 31, ["“lamp” {0} hits", "“running shoes” {0} hits", "“rain jacket” {0} hits", "“usb-c dock” {0} hits"]),
        new("storefront", "GET", "/", 38, ["rendered home in 2 fragments", "rendered home in {0} fragments"]),
        new("cdn-edge", "GET", "/assets/app.js", 6, ["cache hit", "cache hit, age {0} s"]),
        new("catalog", "GET", "/api/products/{id}", 22, ["product {0} from cache", "stock {0} in 3 stores"]),
        new("checkout", "GET", "/api/cart", 28, ["cart read, {0} items"]),
        new("images", "GET", "/images/{id}.webp", 9, ["resized to {0} px", "cache hit"]),
        new("auth", "GET", "/api/session", 14, ["session refreshed"]),
        new("storefront", "GET", "/api/recommendations", 63, ["12 recommendations, model v31", "{0} recommendations, model v31"]),
        new("checkout", "POST", "/api/cart", 46, ["cart updated, {0} items, 36.33 EUR", "cart updated, 1 item, 58.50 EUR"]),
        new("cdn-edge", "GET", "/assets/app.css", 5, ["cache hit"]),
        new("checkout", "PUT", "/api/cart/items/{id}", 22, ["quantity 1 → {0}"]),
        new("checkout", "POST", "/api/checkout", 120, ["order {0} placed, 166.94 EUR", "order {0} placed, 141.54 EUR"]),
        new("checkout", "GET", "/api/orders/{id}", 33, ["order {0} read"]),
        new("auth", "POST", "/api/login", 52, ["signed in by password", "signed in by passkey"]),
        new("catalog", "GET", "/api/categories", 18, ["{0} categories"]),
        new("images", "GET", "/images/banner.avif", 8, ["cache hit"]),
        new("storefront", "GET", "/sale", 41, ["rendered sale in {0} fragments"]),
        new("search", "GET", "/api/suggest", 12, ["{0} suggestions"]),
        new("cdn-edge", "GET", "/fonts/inter.woff2", 4, ["cache hit"]),
        new("catalog", "GET", "/api/products/{id}/reviews", 35, ["{0} reviews"]),
        new("auth", "POST", "/api/logout", 11, ["signed out"]),
        new("checkout", "DELETE", "/api/cart/items/{id}", 19, ["item removed, {0} left"]),
        new("storefront", "GET", "/about", 30, ["rendered about"]),
        new("checkout", "POST", "/api/payment", 180, ["payment {0} authorised"]),
        new("catalog", "GET", "/api/stock", 16, ["stock {0} in 3 stores"]),
        new("storefront", "GET", "/help", 29, ["rendered help"]),
        new("auth", "POST", "/api/register", 88, ["account {0} made"]),
        new("images", "GET", "/images/logo.svg", 5, ["cache hit"]),
        new("search", "GET", "/api/filters", 20, ["{0} filters"]),
        new("checkout", "GET", "/api/shipping", 44, ["{0} carriers"]),
        new("storefront", "GET", "/wishlist", 40, ["wishlist, {0} items"]),
        new("catalog", "GET", "/api/brands", 17, ["{0} brands"]),
        new("cdn-edge", "GET", "/robots.txt", 3, ["cache hit"]),
        new("storefront", "GET", "/api/newsletter", 26, ["subscribed"]),
        new("auth", "POST", "/api/password/reset", 61, ["reset mail queued"]),
        new("checkout", "POST", "/api/coupons", 37, ["coupon {0} applied"]),
        new("images", "GET", "/images/{id}/zoom.webp", 15, ["resized to {0} px"]),
        new("search", "POST", "/api/search/index", 240, ["{0} documents indexed"]),
        new("catalog", "POST", "/api/reviews", 54, ["review {0} stored"]),
        new("storefront", "GET", "/healthz", 1, ["ok"]),
    ];

    public static readonly IReadOnlyList<string> Agents =
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
        "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
        "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    ];

    public static readonly IReadOnlyList<string> Regions = ["eu-central-1", "eu-west-1", "us-east-1"];

    /// <summary>What goes wrong in an error burst.</summary>
    public static readonly IReadOnlyList<(int Status, string Message, double Ms)> Failures =
    [
        (504, "payment gateway timed out after 3,000 ms", 3_010),
        (502, "payments-2 refused the connection", 840),
        (503, "inventory reservation failed: 3 attempts", 1_120),
        (500, "payment gateway timed out after 3,000 ms", 3_020),
    ];

    /// <summary>One page or call.</summary>
    /// <param name="Source">Service that answers.</param>
    /// <param name="Method">HTTP method.</param>
    /// <param name="Path">Path; <c>{id}</c> is replaced by a number.</param>
    /// <param name="Ms">Median response time.</param>
    /// <param name="Messages">What the service says; <c>{0}</c> is replaced by a number.</param>
    internal sealed record Page(string Source, string Method, string Path, double Ms, IReadOnlyList<string> Messages);
}
