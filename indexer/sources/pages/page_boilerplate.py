"""Boilerplate of web pages by class name: share links, teasers, comments, hidden parts."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_SILENT = frozenset(
    "applet audio button canvas datalist del dialog embed figcaption frameset head iframe input map"
    " math menu meter nav noframes noscript object optgroup option progress script select style"
    " svg template textarea title video".split()
)
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)

#: Classes and ids of boilerplate, compared as whole names: “share” is part of “shareholders”.
CLUTTER = frozenset(
    """
    a2a_kit addthis_button addthis_inline_share_toolbox addthis_sharing_toolbox addthis_toolbox
    addtoany addtoany_content addtoany_list addtoany_share_save_container article-share
    article-sharing at-above-post at-below-post dpsp-content-wrapper entry-share essb_links
    et_social_inline fb-like fb-like-box fb-page fb-send fb-share-button fb_iframe_widget
    heateor_sss_sharing_container heateorSssSharing jaga jetpack-likes-widget-wrapper
    jssocials linkedin-share-button mashsb-container node-share post-share post-sharing
    sd-like sd-sharing sd-sharing-enabled sfsi_widget share share-bar share-box
    share-buttons share-icons share-links share-post share-this shareaholic-canvas sharebar
    sharedaddy sharethis-inline-share-buttons sharing sharing-buttons simplesocialbuttons social
    social-buttons social-icons social-links social-media social-share social-sharing
    socialshare some-share ssba ssba-wrap ssbp-wrap swp_social_panel td-post-sharing
    tweet-button twitter-share-button wp-block-outermost-social-sharing wp-block-social-links
    ya-share2

    article-related crp_related jp-relatedposts latest-news latest-posts loe-ka loe-lisaks
    loe-veel more-articles more-from more-news more-posts other-news post-related recent-posts
    recommended-articles recommended-posts rekomendatsioonid related related-articles
    related-content related-items related-links related-news related-post related-posts
    related-stories relatedArticles relatedposts relatedPosts rp4wp-related-posts seotud
    seotud-artiklid seotud-lood seotud-uudised similar-news similar-posts td_block_related_posts
    wpp-list wp-block-jetpack-related-posts wp-block-latest-posts wp-block-query yarpp
    yarpp-related yuzo_related_post

    article-navigation breadcrumb breadcrumbs edit-link nav nav-links nav-next nav-previous
    navigation page-links pagenav pager pagination post-edit-link post-nav post-navigation
    post-pagination rank-math-breadcrumb skip-link skiplink toc_container yoast-breadcrumb
    ez-toc-container lwptoc wp-block-yoast-seo-table-of-contents wp-block-navigation

    comment-form comment-list comment-respond comment-wrapper commentlist comments comments-area
    comments-link comments-section disqus disqus_thread fb-comments field--name-comment
    jcomments kommentaarid leave-comment respond

    article-info author-bio author-box buttonheading createdate modifydate moduletable
    author-name author-info about-author byline cat-links entry-footer entry-meta
    field--name-field-tags field-name-field-tags meta-info node-meta node__links node__meta
    post-categories post-info post-meta post-tags post_meta posted-in posted-on postmetadata
    saboxplugin-wrap submitted tagcloud tags tags-links wp-block-post-author wp-block-post-date
    wp-block-post-terms wp-block-tag-cloud

    ad ads adsbygoogle advert advertisement banner-ad cookie-banner cookie-consent
    cookie-law-info-bar cookie-notice cookiebar cookies-banner google-auto-placed mailchimp
    mc4wp-form mc_embed_signup moove_gdpr_cookie_info_bar newsletter newsletter-form
    newsletter-signup popup-overlay reklaam sidebar subscribe subscribe-form uudiskiri-vorm
    widget-area

    element-invisible screen-reader-text sr-only u-hidden visually-hidden visuallyhidden
    gmail_signature moz-signature preheader preview-text wp-caption-text no-print noprint print-link
    """.split()
)


def is_clutter(element: "Element") -> bool:
    """True for boilerplate by class, id or role: share links, teasers, comments."""
    if element.tag in ("html", "body", "main", "article"):
        return False
    names = f"{element.get('class', '')} {element.get('id', '')}".split()
    if CLUTTER.isdisjoint(names) and element.get("role") not in ("navigation", "search"):
        return False
    # Some themes have such names on elements around the whole page.
    holding = (".//*[@itemprop='articleBody']", ".//main", ".//h1")
    return all(element.find(each) is None for each in holding)


def is_silent(element: "Element") -> bool:
    """True for elements without visible text: scripts, form fields, hidden elements."""
    if element.tag in _SILENT:
        return True
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    if element.tag == "sup":  # marks of notes
        link = element.find("a")
        return link is not None and link.get("href", "").startswith("#")
    style = element.get("style")
    return style is not None and _HIDDEN.search(style) is not None
