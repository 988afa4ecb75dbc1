"""Removes the shortcodes of WordPress page builders and plugins from the text of a post.

Marks around text are removed and the text is kept; shortcodes of pictures, films and forms are
removed with their content. Square brackets of the author stay: [sic], [1], [joonis 2].
"""

import re

#: Removed with all content between the opening and the closing mark: captions, pictures, films,
#: maps, forms, code, lists of other posts.
_WHOLE = frozenset(
    """
    caption wp_caption gallery playlist audio video embed wpvideo videopress flv youtube vimeo
    soundcloud spotify twitter tweet instagram facebook flickr flickr_set dailymotion slideshare
    scribd issuu ustream vine kickstarter gist googleapps googlemaps google_map google-map-v3 gmap
    wpgmza mappress leaflet-map leaflet-marker iframe advanced_iframe pdf-embedder pdfjs-viewer
    embeddoc gview gdoc dg ngg nggallery ngg_images singlepic imagebrowser slideshow album
    foogallery modula envira-gallery tribulant_slideshow rev_slider rev_slider_vc layerslider
    smartslider3 metaslider soliloquy masterslider cycloneslider huge_it_slider sliderpro
    contact-form contact-form-7 contact-field gravityform gravityforms ninja_form ninja_forms
    wpforms formidable caldera_form forminator_form fluentform mc4wp_form mc4wp-form mailpoet_form
    wysija_form sibwp_form newsletter_form newsletter contact_form hubspot poll polldaddy
    crowdsignal addtoany ssba ssba-buttons sharethis social_share social-share shareaholic
    jetpack_subscription_form jetpack-related-posts related_posts display-posts recent_posts
    recent-posts latest_posts catlist blog_posts product products product_page add_to_cart
    woocommerce_cart woocommerce_checkout woocommerce_my_account wpdm_package wpdm_file toc toc_no
    ez-toc lwptoc rank_math_breadcrumb wpseo_breadcrumb sitemap simple-sitemap login-form
    wp_login_form eventlist events_list ai1ec tribe_events countdown do_widget widget sc
    insert_php php code sourcecode raw_html vc_raw_html vc_raw_js vc_gallery vc_images_carousel
    vc_media_grid vc_basic_grid vc_masonry_grid vc_masonry_media_grid vc_posts_slider
    vc_posts_grid vc_video vc_gmaps vc_single_image vc_facebook vc_tweetmeme vc_pinterest
    vc_flickr vc_widget_sidebar vc_wp_posts vc_wp_search vc_wp_tagcloud vc_pie vc_btn et_pb_image
    et_pb_gallery et_pb_video et_pb_video_slider et_pb_map et_pb_map_pin et_pb_contact_form
    et_pb_contact_field et_pb_signup et_pb_blog et_pb_portfolio et_pb_filterable_portfolio
    et_pb_social_media_follow et_pb_social_media_follow_network et_pb_button et_pb_post_nav
    et_pb_comments et_pb_search et_pb_sidebar et_pb_login et_pb_shop et_pb_countdown_timer
    et_pb_audio fusion_code fusion_imageframe fusion_gallery fusion_gallery_image fusion_images
    fusion_image fusion_youtube fusion_vimeo fusion_video fusion_map fusion_map_marker
    fusion_button fusion_blog fusion_recent_posts fusion_portfolio fusion_sharing
    fusion_social_links fusion_soundcloud fusion_widget_area fusion_fontawesome fusion_form
    fusion_slider fusion_slide fusion_countdown av_image av_gallery av_video av_google_map
    av_gmap_location av_contact av_contact_field av_blog av_postslider av_magazine av_button
    av_social_share av_sidebar av_slideshow av_slide av_masonry_gallery av_mailchimp
    av_upcoming_events av_post_metadata av_comments_list elementor-template su_youtube su_vimeo
    su_video su_gmap su_image_carousel su_slider su_posts su_menu su_feed su_button su_qrcode
    button buttons
    """.split()
)
#: Some of these are also words that authors put in brackets.
_WORDS = frozenset(
    "album audio button buttons code countdown facebook flickr instagram newsletter poll product"
    " products sitemap slideshow twitter video widget youtube".split()
)
#: Prefixes of the names of marks around blocks of text.
_BUILDERS = (
    "vc_", "et_pb_", "fusion_", "av_", "elementor", "su_", "mk_", "cs_", "x_", "tatsu_", "ux_",
    "eltd_", "edgtf_", "qode_", "mkdf_", "bt_bb_", "kc_", "porto_", "nectar_", "dt_", "ult_",
    "stm_", "themify_", "thrive_", "mpc_", "wpb_", "fl_", "siteorigin_", "cmsms_", "gdlr_",
    "trx_", "rt_", "thim-", "td_block_", "tdc_", "tdb_", "uncode_", "avia_", "us_", "ohio_",
    "penci_", "brizy", "ts_", "vcex_", "wr_", "tm_", "lambert_", "wgl_", "cz_", "bsf-",
    "info_list", "ultimate_",
)  # fmt: skip
#: Names of such marks that themes share, and those of them that are also words.
_BLOCKS = frozenset(
    """
    row row_inner col col_inner columns column_inner section_inner
    one_half one_half_last one_third one_third_last two_third two_third_last one_fourth
    one_fourth_last three_fourth three_fourth_last one_fifth one_sixth full_width
    tabgroup tabcontent accordion-item info_box divider clear spacer hr text_block
    """.split()
)
_BLOCK_WORDS = frozenset(
    """
    column section container half third tabs tab accordion accordions toggle toggles spoiler
    collapse box infobox alert message note quote pullquote blockquote list separator gap title
    heading text
    """.split()
)
#: Attributes that hold text of the page.
_TEXT_OF = {
    "vc_custom_heading": "text",
    "vc_text_separator": "title",
    "vc_toggle": "title",
    "vc_tta_section": "title",
    "vc_cta": "h2",
    "et_pb_blurb": "title",
    "et_pb_cta": "title",
    "et_pb_toggle": "title",
    "et_pb_accordion_item": "title",
    "et_pb_tab": "title",
    "et_pb_fullwidth_header": "title",
    "fusion_toggle": "title",
    "fusion_tab": "title",
    "av_heading": "heading",
    "av_toggle": "title",
    "av_tab": "title",
}
_MARK = re.compile(
    r"\[(?P<escaped>\[?)(?P<closing>/?)(?P<name>[a-zA-Z][\w-]*)(?P<rest>(?=[\s/\]=])[^\[\]]*)\]"
)
_ATTRIBUTE = re.compile(
    r"(?<![\w-])([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|[“”″‘’]([^“”″‘’]*)[“”″‘’])"
)
_BREAK = "\n\n"


def without_shortcodes(text: str) -> str:
    """Removes the marks of shortcodes, and shortcodes that show no text, from a post.

    Marks around blocks of text are replaced by empty lines.
    """
    if "[" not in text:
        return text
    closings: dict[str, list[int]] = {}
    for found in _MARK.finditer(text):
        if found["closing"] and not found["escaped"]:
            closings.setdefault(_name(found), []).append(found.end())
    closed = frozenset(closings)
    text = _without_whole(text, closings, closed)
    return _MARK.sub(lambda found: _replaced(found, closed), text)


def _without_whole(text: str, closings: dict[str, list[int]], closed: frozenset[str]) -> str:
    """Removes shortcodes with their content from ``text``."""
    kept: list[str] = []
    at = 0
    for ends in closings.values():
        ends.reverse()
    for found in _MARK.finditer(text):
        name = _name(found)
        if found.start() < at or found["escaped"] or name not in _WHOLE:
            continue
        if name in _WORDS and not _is_mark(found, closed):
            continue
        kept.append(text[at : found.start()])
        at = found.end()
        if not found["closing"] and not found["rest"].rstrip().endswith("/"):
            at = _end_of(name, at, text, closings.get(name, []))
    kept.append(text[at:])
    return "".join(kept)


def _end_of(name: str, at: int, text: str, ends: list[int]) -> int:
    """End of the shortcode opened before ``at``: after its closing mark, if it has one."""
    while ends and ends[-1] <= at:
        ends.pop()
    if not ends:
        return at
    # An unclosed mark must not consume the text before the next one of the same name.
    again = re.compile(rf"\[{re.escape(name)}(?=[\s/\]])", re.IGNORECASE)
    return at if again.search(text, at, ends[-1]) else ends[-1]


def _replaced(found: re.Match[str], closed: frozenset[str]) -> str:
    name = _name(found)
    if found["escaped"]:
        return found.group()
    is_mark = _is_mark(found, closed)
    if name.startswith(_BUILDERS) or name in _BLOCKS or (name in _BLOCK_WORDS and is_mark):
        title = _attributes(found).get(_TEXT_OF.get(name, ""), "").replace("``", "”")
        return f"{_BREAK}{title}{_BREAK}" if title else _BREAK
    return "" if is_mark else found.group()


def _name(found: re.Match[str]) -> str:
    return found["name"].lower()


def _attributes(found: re.Match[str]) -> dict[str, str]:
    attributes = _ATTRIBUTE.finditer(found["rest"])
    return {each[1].lower(): each[2] or each[3] or each[4] or "" for each in attributes}


def _is_mark(found: re.Match[str], closed: frozenset[str]) -> bool:
    """True for a mark that no author writes: closing, closed, or with quoted attributes."""
    return bool(found["closing"]) or _name(found) in closed or bool(_attributes(found))
