//! Texts and their HTML, as the server whose behaviour is the standard renders them.

use std::time::{Duration, Instant};

use crate::{render, sanitise};

#[test]
fn golden_texts() {
    for (text, html) in [
        (
            "# H1\n\ntext ~~strike~~ **b** *i* `code`",
            "<h1>H1</h1>\n<p>text <s>strike</s> <strong>b</strong> <em>i</em> <code>code</code></p>",
        ),
        ("line1\nline2", "<p>line1<br>\nline2</p>"),
        (
            "```python\nprint('<x>')\n```",
            "<div class=\"codehilite\"><pre><span></span><code><span class=\"nb\">print</span>\
             <span class=\"p\">(</span><span class=\"s1\">'&lt;x&gt;'</span><span class=\"p\">)</span>\n\
             </code></pre></div>",
        ),
        (
            "```\nplain <b>\n```",
            "<div class=\"codehilite\"><pre><span></span><code>plain &lt;b&gt;\n</code></pre></div>",
        ),
        (
            "```diff\n--- a\n+++ a\n@@ -1 +1 @@\n-x\n+y\n```",
            "<div class=\"codehilite\"><pre><span></span><code><span class=\"gd\">--- a</span>\n\
             <span class=\"gi\">+++ a</span>\n<span class=\"gu\">@@ -1 +1 @@</span>\n\
             <span class=\"gd\">-x</span>\n<span class=\"gi\">+y</span>\n</code></pre></div>",
        ),
        (
            "- a\n- b\n1. x",
            "<ul>\n<li>a</li>\n<li>b<br>\n1. x</li>\n</ul>",
        ),
        (
            "a | b\n--|:-:\n1 | 2",
            "<table>\n<thead>\n<tr>\n<th>a</th>\n<th style=\"\">b</th>\n</tr>\n</thead>\n\
             <tbody>\n<tr>\n<td>1</td>\n<td style=\"\">2</td>\n</tr>\n</tbody>\n</table>",
        ),
        (
            "<script>alert(1)</script>",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
        ),
        ("<img src=x onerror=alert(1)>", "<p><img src=\"x\"></p>"),
        (
            "<a href=\"javascript:alert(1)\" title=\"t\" target=\"_blank\">x</a>",
            "<p><a title=\"t\">x</a></p>",
        ),
        ("[x](javascript:alert(1))", "<p><a>x</a></p>"),
        ("[x](data:text/html;base64,AAA)", "<p><a>x</a></p>"),
        (
            "<a href=\"jav&#x09;ascript:alert(1)\">x</a>",
            "<p><a>x</a></p>",
        ),
        (
            "[x](mailto:a@b.c) [y](http://h/) [z](/rel) [f](ftp://h/)",
            "<p><a href=\"mailto:a@b.c\">x</a> <a href=\"http://h/\">y</a> \
             <a href=\"/rel\">z</a> <a>f</a></p>",
        ),
        (
            "![i](/uploads/a.png \"ttl\")",
            "<p><img src=\"/uploads/a.png\"></p>",
        ),
        ("<img src=\"data:image/png;base64,AA\">", "<p><img></p>"),
        (
            "<p style=\"color:red\" class=\"c\" id=\"i\" onclick=\"x\">s</p>",
            "<p style=\"\" class=\"c\">s</p>",
        ),
        (
            "<iframe src=x></iframe>",
            "&lt;iframe src=x&gt;&lt;/iframe&gt;",
        ),
        ("<svg onload=x>", "<p>&lt;svg onload=x&gt;</p>"),
        (
            "<del>d</del> <s>s</s> <u>u</u>",
            "<p><del>d</del> <s>s</s> &lt;u&gt;u&lt;/u&gt;</p>",
        ),
        ("<!-- c -->", ""),
        (
            "<table><tr><td colspan=2 align=left>x</td></tr></table>",
            "<table><tbody><tr><td>x</td></tr></tbody></table>",
        ),
        ("http://auto.link/", "<p>http://auto.link/</p>"),
        (
            "x &lt;b&gt; &amp; y < z",
            "<p>x &lt;b&gt; &amp; y &lt; z</p>",
        ),
        ("<b>unclosed", "<p><b>unclosed</b></p>"),
        ("#nohash", "<h1>nohash</h1>"),
        ("1) x\n2) y", "<p>1) x<br>\n2) y</p>"),
        (
            "[ref][1]\n\n[1]: http://e.com 'T'",
            "<p><a href=\"http://e.com\" title=\"T\">ref</a></p>",
        ),
        (
            "http://x.y/a_b_c and a_b_c __b__",
            "<p>http://x.y/a_b_c and a_b_c <strong>b</strong></p>",
        ),
        ("<pre>raw *x*</pre>", "<pre>raw *x*</pre>"),
        (
            "<form action=x><button>b</button></form>",
            "&lt;form action=x&gt;&lt;button&gt;b&lt;/button&gt;&lt;/form&gt;",
        ),
    ] {
        assert_eq!(render(text), html, "{text}");
        assert_eq!(sanitise(html), html, "twice: {text}");
    }
}

#[test]
fn blocks_follow_the_original_rules() {
    for (text, html) in [
        ("", ""),
        (" \n\t\n", ""),
        ("a\n\nb", "<p>a</p>\n<p>b</p>"),
        ("h\n=\n\nk\n-", "<h1>h</h1>\n<h2>k</h2>"),
        ("###### a\n####### b", "<h6>a</h6>\n<h6># b</h6>"),
        ("# a\n- b", "<h1>a</h1>\n<ul>\n<li>b</li>\n</ul>"),
        ("a\n# b\nc", "<p>a</p>\n<h1>b</h1>\n<p>c</p>"),
        ("a\n- b\n+ c\n1. d", "<p>a<br>\n- b<br>\n+ c<br>\n1. d</p>"),
        ("-", "<p>-</p>"),
        ("***", "<hr>"),
        ("a\nb\n---\nc", "<p>a<br>\nb</p>\n<hr>\n<p>c</p>"),
        (
            "* a\n+ b\n- c",
            "<ul>\n<li>a</li>\n<li>b</li>\n<li>c</li>\n</ul>",
        ),
        ("3. a\n7. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        (
            "- a\n\n1. b",
            "<ul>\n<li>a</li>\n</ul>\n<ol>\n<li>b</li>\n</ol>",
        ),
        (
            "* x\n    * y",
            "<ul>\n<li>x<ul>\n<li>y</li>\n</ul>\n</li>\n</ul>",
        ),
        (
            "1. x\n    - y\n        1. z\n2. w",
            "<ol>\n<li>x<ul>\n<li>y<ol>\n<li>z</li>\n</ol>\n</li>\n</ul>\n</li>\n<li>w</li>\n</ol>",
        ),
        (
            "- a\n    1. b\n1. c\n- d",
            "<ul>\n<li>a<ol>\n<li>b</li>\n<li>c</li>\n</ol>\n</li>\n<li>d</li>\n</ul>",
        ),
        // two blanks are not enough to go in
        ("- a\n  - b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        (
            "- a\n\n    more\n\n- b",
            "<ul>\n<li>\n<p>a</p>\n<p>more</p>\n</li>\n<li>\n<p>b</p>\n</li>\n</ul>",
        ),
        ("- a\n\nb", "<ul>\n<li>a</li>\n</ul>\n<p>b</p>"),
        (
            "> quote\n> more\nlazy",
            "<blockquote>\n<p>quote<br>\nmore<br>\nlazy</p>\n</blockquote>",
        ),
        (
            "> a\n\n> b",
            "<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>",
        ),
        (
            "> - a\n> - b",
            "<blockquote>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n</blockquote>",
        ),
        (
            "a\n\n    x < y\n\n    z\n",
            "<p>a</p>\n<div class=\"codehilite\"><pre><span></span><code>x &lt; y\n\nz\n\
             </code></pre></div>",
        ),
        (
            "a\n~~~\n<div>\n- x\n~~~\nb",
            "<p>a</p>\n<div class=\"codehilite\"><pre><span></span><code>&lt;div&gt;\n- x\n\
             </code></pre></div>\n\n<p>b</p>",
        ),
        ("```\nnever closed", "<p>```<br>\nnever closed</p>"),
        (
            "<div>\n\n*raw*\n\n</div>\n*not raw*",
            "<div>\n\n*raw*\n\n</div>\n<p><em>not raw</em></p>",
        ),
        ("<!-- a\n\n*b* -->\nc", "<p>c</p>"),
        ("<!-- a\n\n*b*", "<p>&lt;!-- a</p>\n<p><em>b</em></p>"),
        (
            "| a |\n|---|",
            "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td></td>\n\
             </tr>\n</tbody>\n</table>",
        ),
        ("a\r\nb\rc", "<p>a<br>\nb<br>\nc</p>"),
    ] {
        assert_eq!(render(text), html, "{text}");
    }
}

#[test]
fn blanks_and_tabs_stay_where_they_stand() {
    for (text, html) in [
        ("a\n  b\n    c", "<p>a<br>\n  b<br>\n    c</p>"),
        ("   a\n   b", "<p>a<br>\n   b</p>"),
        ("text   ", "<p>text   </p>"),
        ("line  \n\nline", "<p>line  </p>\n<p>line</p>"),
        ("a \nb", "<p>a <br>\nb</p>"),
        ("a    \n  b", "<p>a  <br>\n  b</p>"),
        ("*a*   \nb &amp; ", "<p><em>a</em> <br>\nb &amp; </p>"),
        // in front of an element they go
        (
            "a\n  **b**\n  `c`",
            "<p>a<br>\n<strong>b</strong><br>\n<code>c</code></p>",
        ),
        ("- a\n  b", "<ul>\n<li>a<br>\n  b</li>\n</ul>"),
        ("- a   \n- b ", "<ul>\n<li>a   </li>\n<li>b </li>\n</ul>"),
        (
            "- a\n    b\n- c",
            "<ul>\n<li>a<br>\n    b</li>\n<li>c</li>\n</ul>",
        ),
        (
            "- a\n\n    b\n    c\n      d",
            "<ul>\n<li>\n<p>a</p>\n<p>b<br>\nc<br>\n  d</p>\n</li>\n</ul>",
        ),
        (
            "- a\n    - b\n        c\n    d\n  e",
            "<ul>\n<li>a<ul>\n<li>b<br>\n    c<br>\nd<br>\n  e</li>\n</ul>\n</li>\n</ul>",
        ),
        ("1. a\n   - b", "<ol>\n<li>a<br>\n   - b</li>\n</ol>"),
        (
            "> a\n>   b\n> c   ",
            "<blockquote>\n<p>a<br>\n  b<br>\nc   </p>\n</blockquote>",
        ),
        ("a\tb\tc", "<p>a   b   c</p>"),
        ("`a\tb`", "<p><code>a  b</code></p>"),
        ("a\n\tb", "<p>a<br>\n    b</p>"),
        ("- \ta", "<ul>\n<li>a</li>\n</ul>"),
    ] {
        assert_eq!(render(text), html, "{text}");
    }
}

#[test]
fn each_item_is_tight_or_loose_for_itself() {
    for (text, html) in [
        (
            "* a\n* b\n\n* c",
            "<ul>\n<li>a</li>\n<li>\n<p>b</p>\n</li>\n<li>\n<p>c</p>\n</li>\n</ul>",
        ),
        (
            "- a\n\n- b\n- c",
            "<ul>\n<li>\n<p>a</p>\n</li>\n<li>\n<p>b</p>\n</li>\n<li>c</li>\n</ul>",
        ),
        (
            "- a\n    - b\n\n    - c",
            "<ul>\n<li>\n<p>a</p>\n<ul>\n<li>\n<p>b</p>\n</li>\n<li>\n<p>c</p>\n</li>\n</ul>\n\
             </li>\n</ul>",
        ),
        (
            "- a\n    - b\n\n        c",
            "<ul>\n<li>a<ul>\n<li>\n<p>b</p>\n<p>c</p>\n</li>\n</ul>\n</li>\n</ul>",
        ),
        (
            "- a\n    - b\n\n- c",
            "<ul>\n<li>\n<p>a</p>\n<ul>\n<li>b</li>\n</ul>\n</li>\n<li>\n<p>c</p>\n</li>\n</ul>",
        ),
        (
            "> - a\n>\n> - b\n> - c",
            "<blockquote>\n<ul>\n<li>\n<p>a</p>\n</li>\n<li>\n<p>b</p>\n</li>\n<li>c</li>\n</ul>\n\
             </blockquote>",
        ),
        (
            "- a\n\n        code",
            "<ul>\n<li>a<div class=\"codehilite\"><pre><span></span><code>code\n\
             </code></pre></div>\n\n</li>\n</ul>",
        ),
        // an item behind a paragraph is text of it
        (
            "- a\n\n    b\n- c",
            "<ul>\n<li>\n<p>a</p>\n<p>b<br>\n- c</p>\n</li>\n</ul>",
        ),
        (
            "- a \n> q\n- b",
            "<ul>\n<li>a <blockquote>\n<p>q</p>\n</blockquote>\n</li>\n<li>b</li>\n</ul>",
        ),
    ] {
        assert_eq!(render(text), html, "{text}");
    }
}

#[test]
fn headings_lose_the_marks_behind_their_title() {
    for (text, html) in [
        ("# a #", "<h1>a</h1>"),
        ("# a#", "<h1>a</h1>"),
        ("#x#", "<h1>x</h1>"),
        ("# a # #", "<h1>a #</h1>"),
        ("# *a*#", "<h1><em>a</em></h1>"),
        ("## x ##   ", "<h2>x ##</h2>"),
        ("# a \\#", "<h1>a #</h1>"),
        ("#", "<h1></h1>"),
        (
            "> a\n# b",
            "<blockquote>\n<p>a</p>\n</blockquote>\n<h1>b</h1>",
        ),
    ] {
        assert_eq!(render(text), html, "{text}");
    }
}

#[test]
fn tables_are_paragraphs_of_their_own() {
    let table = |cell: &str| {
        format!(
            "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n\
             <td>{cell}</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>"
        )
    };
    for (text, html) in [
        ("|a|b|\n|-|-|\n|1|2|", table("1")),
        ("|a|b|\n|-|-|\n| `1|x` |2|", table("<code>1|x</code>")),
        ("|a|b|\n|-|-|\n|``1|`x``|2|", table("<code>1|`x</code>")),
        ("a|b\n-|-\n`x|2", table("`x")),
        ("a|b\n-|-\n- x|2", table("- x")),
        (
            "- x\n\n    |a|b|\n    |-|-|\n    |1|2|",
            format!("<ul>\n<li>\n<p>x</p>\n{}\n</li>\n</ul>", table("1")),
        ),
        (
            "text\n|a|b|\n|-|-|\n|1|2|",
            "<p>text<br>\n|a|b|<br>\n|-|-|<br>\n|1|2|</p>".to_owned(),
        ),
    ] {
        assert_eq!(render(text), html, "{text}");
    }
}

#[test]
fn code_and_raw_blocks_keep_a_blank_line_behind_them() {
    let code = |content: &str| {
        format!("<div class=\"codehilite\"><pre><span></span><code>{content}\n</code></pre></div>")
    };
    for (text, html) in [
        ("```\na\n```\nb", format!("{}\n\n<p>b</p>", code("a"))),
        ("~~~\na\n~~~\n\nb", format!("{}\n\n<p>b</p>", code("a"))),
        ("    a  \n\nb", format!("{}\n\n<p>b</p>", code("a"))),
        (
            "```\na\n```\n```\nb\n```",
            format!("{}\n\n{}", code("a"), code("b")),
        ),
        (
            ">     a",
            format!("<blockquote>\n{}\n\n</blockquote>", code("a")),
        ),
        ("```\n```", code("")),
        ("```\n\n a  \n   \n```", code(" a  ")),
        ("```\n\ta\n\n  b\n```", code("    a\n\n  b")),
        ("``` x hl_lines=\"1\"\na\n```", code("a")),
        ("<div>a</div>\nb", "<div>a</div>\n<p>b</p>".to_owned()),
        ("<div>a</div>\n\nb", "<div>a</div>\n\n<p>b</p>".to_owned()),
        ("<p>a</p>\n \n\n<p>b</p>", "<p>a</p>\n\n<p>b</p>".to_owned()),
    ] {
        assert_eq!(render(text), html, "{text}");
    }
}

#[test]
fn inline_code_is_trimmed_and_keeps_its_lines() {
    for (text, html) in [
        ("`a\nb`", "<p><code>a\nb</code></p>"),
        ("`` ` ``  `  c `", "<p><code>`</code>  <code>c</code></p>"),
        (
            "> `a\n> b`",
            "<blockquote>\n<p><code>a\nb</code></p>\n</blockquote>",
        ),
        (
            "- `a\n    b`",
            "<ul>\n<li><code>a\n    b</code></li>\n</ul>",
        ),
        // what is no fence
        ("- ```\n  x\n  ```", "<ul>\n<li><code>x</code></li>\n</ul>"),
        (
            "- a\n    ```\n    x\n    ```\n- b",
            "<ul>\n<li>a<br>\n<code>x</code></li>\n<li>b</li>\n</ul>",
        ),
        (
            "> ```\n> x\n> ```",
            "<blockquote>\n<p><code>x</code></p>\n</blockquote>",
        ),
        (" ```\nx\n```", "<p><code>x</code></p>"),
        ("```a b\nx\n```", "<p><code>a b\nx</code></p>"),
        ("```{.py} x\nx\n```", "<p><code>{.py} x\nx</code></p>"),
    ] {
        assert_eq!(render(text), html, "{text}");
    }
}

#[test]
fn addresses_of_mail_are_spelt_in_numbers() {
    let html = "<p><a href=\"&#109;&#97;&#105;&#108;&#116;&#111;&#58;&#97;&#64;&#98;&#46;&#99;\">\
                &#97;&#64;&#98;&#46;&#99;</a></p>";
    assert_eq!(render("<a@b.c>"), html);
    assert_eq!(render("<mailto:a@b.c>"), html);
    assert_eq!(sanitise(html), html);
    for (text, html) in [
        ("<javascript:1>", "<p>&lt;javascript:1&gt;</p>"),
        ("<http:x>", "<p>&lt;http:x&gt;</p>"),
        ("<ftp://x/y>", "<p><a>ftp://x/y</a></p>"),
        (
            "<javascript:1@x>",
            "<p><a href=\"&#109;&#97;&#105;&#108;&#116;&#111;&#58;&#106;&#97;&#118;&#97;&#115;&#99;&#114;\
             &#105;&#112;&#116;&#58;&#49;&#64;&#120;\">&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;\
             &#112;&#116;&#58;&#49;&#64;&#120;</a></p>",
        ),
        (
            "[a](javascript:a@b\u{f8fb}) [b](mailto:x\u{f8fb})",
            "<p><a>a</a> <a href=\"mailto:x\u{fffd}\">b</a></p>",
        ),
    ] {
        assert_eq!(render(text), html, "{text}");
    }
}

#[test]
fn inline_marks_follow_the_original_rules() {
    for (text, html) in [
        ("\\*esc\\*", "<p>*esc*</p>"),
        ("C:\\\"x\\\" \\$1 \\\\", "<p>C:\\\"x\\\" \\$1 \\</p>"),
        ("a\\\nb", "<p>a\\<br>\nb</p>"),
        ("a  \nb", "<p>a<br>\nb</p>"),
        ("~one~ and ~~two~~", "<p>~one~ and <s>two</s></p>"),
        (
            "`<b>` & \"q\" 'a'",
            "<p><code>&lt;b&gt;</code> &amp; \"q\" 'a'</p>",
        ),
        ("&#x27; &quot;", "<p>&#x27; &quot;</p>"),
        (
            "&copy; &eacute;t&eacute; &c; a&b;",
            "<p>&copy; &eacute;t&eacute; &c; a&b;</p>",
        ),
        ("&foo; &copy AT&T", "<p>&amp;foo; &amp;copy AT&amp;T</p>"),
        ("`&copy;`", "<p><code>&amp;copy;</code></p>"),
        ("a\u{a0}b&nbsp;c", "<p>a\u{a0}b&nbsp;c</p>"),
        (
            "***x*** and ***y***",
            "<p><strong><em>x</em></strong> and <strong><em>y</em></strong></p>",
        ),
        ("***a** b*", "<p><em><strong>a</strong> b</em></p>"),
        (
            "![a **b**](http://e.com/x.png)",
            "<p><img src=\"http://e.com/x.png\"></p>",
        ),
        ("[ф](/путь)", "<p><a href=\"/путь\">ф</a></p>"),
        (
            "<http://a.b/c>",
            "<p><a href=\"http://a.b/c\">http://a.b/c</a></p>",
        ),
        ("- [ ] no task", "<ul>\n<li>[ ] no task</li>\n</ul>"),
        ("a[^1]", "<p>a[^1]</p>"),
        (
            "x \u{f8fd}0\u{f8fd} \u{f8fe}",
            "<p>x \u{fffd}0\u{fffd} \u{fffd}</p>",
        ),
    ] {
        assert_eq!(render(text), html, "{text}");
    }
}

#[test]
fn sec_038_sec_036_nothing_that_runs_comes_through() {
    for attack in [
        "<script>alert(1)</script>",
        "<ScRiPt\n>alert(1)</sCrIpT>",
        "<img src=x onerror=alert(1)>",
        "<img src=x:x onerror=alert(1)//",
        "<<script>script>alert(1)</script>",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](java\nscript:alert(1))",
        "[x]: javascript:alert(1)\n\n[x]",
        "<javascript:alert(1)>",
        "![x](javascript:alert(1))",
        "![\" onerror=\"alert(1)](x)",
        "<a href='jav&#x09;ascript:alert(1)'>x</a>",
        "<a title=\">\" href=\"jav&#x09;ascript:alert(1)\">x</a>",
        "<a title='>' href='&#106;avascript:alert(1)'>x</a>",
        "<a href='&#xf8ff;#106;avascript:alert(1)'>x</a>",
        "<svg/onload=alert(1)>",
        "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
        "<p style=\"background:url(javascript:x)\">x</p>",
        "<iframe src=\"//evil\"></iframe>",
        "<div><p onclick=alert(1)>x</div>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<pre><code class=\"x\"><svg onload=alert(1)></code></pre>",
        "```\"><img src=x onerror=alert(1)>\nx\n```",
        "| <img src=x onerror=alert(1)> |\n|---|",
    ] {
        let html = render(attack).to_ascii_lowercase();
        let mut inside = false;
        for piece in html.split_inclusive(['<', '>']) {
            if inside {
                for harm in [
                    "script",
                    "svg",
                    "iframe",
                    "on",
                    "math",
                    "style=\"b",
                    "href=\"j",
                ] {
                    let words = piece.split([' ', '/', '"']);
                    let mut words = words.filter(|word| word.starts_with(harm));
                    assert_eq!(words.next(), None, "{attack} became {html}");
                }
            }
            inside = piece.ends_with('<');
        }
    }
}

#[test]
fn quotes_stay_inside_of_attributes() {
    assert_eq!(
        render("[a](x \"\\\" onclick=\\\"alert(1)\")"),
        "<p><a href=\"x\" title=\"&quot; onclick=&quot;alert(1)\">a</a></p>"
    );
}

#[test]
fn what_is_nested_too_deep_is_text() {
    let html = sanitise(&"<b>".repeat(18));
    assert_eq!(
        html,
        format!(
            "{}&lt;b&gt;&lt;b&gt;{}",
            "<b>".repeat(16),
            "</b>".repeat(16)
        )
    );
    let html = render(&format!("{} x", ">".repeat(10)));
    assert_eq!(html.matches("<blockquote>").count(), 8);
    assert!(html.contains("<p>&gt;&gt; x</p>"), "{html}");
}

/// Pathological texts take a time that grows with their size only.
#[test]
fn lib_009_lib_014_lib_039_rendering_is_linear() {
    let large = |piece: &str| piece.repeat(20_000 / piece.len());
    for text in [
        large("<"),
        large("&"),
        large("&<"),
        large("*a **a "),
        large("["),
        large("[a]("),
        large("![["),
        large("`a``"),
        large("|a"),
        large("|a|\n|-|\n"),
        large("> "),
        large(">"),
        large("- "),
        large("\\"),
        large("~~~a\n"),
        large("```a\n"),
        large("<div>"),
        large("<b>"),
        large("<!--"),
        large("<p>\n\n"),
        large("a\n"),
        large("# "),
        large("_a__ "),
        large("1. a\n    "),
        large("+ + "),
        large("<b><i><a href=x><p>"),
        large("</b><p>"),
        large("<table><tr><td>"),
        large("|a|\n|-|\n|`a"),
        large("|`"),
        large("- a\n\n"),
        large("- a\n> "),
        large("&copy;"),
        large("<a@b.c>"),
        large("a   \n  "),
        large("<a b=\""),
    ] {
        let start = Instant::now();
        render(&text);
        let time = start.elapsed();
        let sample: String = text.chars().take(10).collect();
        // without optimisation, and beside other tests
        assert!(time < Duration::from_secs(8), "{sample}: {time:?}");
    }
}

/// What the fuzzer checks, for its seeds.
#[test]
fn seeds_of_the_fuzzer_become_harmless() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/markdown");
    let seeds = std::fs::read_dir(folder).expect("the folder of seeds exists");
    let mut count = 0;
    for seed in seeds {
        let path = seed.expect("can be listed").path();
        let html = render(&std::fs::read_to_string(&path).expect("is text"));
        assert!(
            !html.contains("<svg") && !html.contains("script:"),
            "{html}"
        );
        assert_eq!(sanitise(&html), html, "{}", path.display());
        count += 1;
    }
    assert!(count > 5, "too few seeds");
}

#[test]
fn gap_020_diagrams_are_code_and_lead_nowhere() {
    let html = render("```mermaid\ngraph TD;\nA-->B;\nclick A \"https://elsewhere.example\"\n```");
    assert!(html.contains("graph TD;"), "{html}");
    for loaded in ["<img", "href=", "src=", "<a "] {
        assert!(!html.contains(loaded), "{loaded} in {html}");
    }
}
