#!/bin/sh
# One would guess: a shaper gives one glyph for one Arabic letter that joins no neighbor, whatever the font: the letter beh
# (U+0628) has a glyph of its own, as it has a code point of its own.
# What happens: with Noto Naskh Arabic it becomes two glyphs of one cluster, the dot and a dotless letter (U+066E), and a word
# of three dotted letters becomes six. Scheherazade New has one glyph for each letter.
# Version: @expo-google-fonts/noto-naskh-arabic 0.4.5 and @expo-google-fonts/scheherazade-new 0.4.3 (npm), shaped by
# uharfbuzz 0.57.0 (PyPI). Source: the run below.
# Why it matters: a PDF says what text it has glyph by glyph (ToUnicode). Where dots are glyphs, neither of the two is the letter,
# so a name on a certificate looks right and cannot be searched, copied, or read aloud, unless every cluster gets text of its own.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund \
    @expo-google-fonts/noto-naskh-arabic@0.4.5 @expo-google-fonts/scheherazade-new@0.4.3 >/dev/null
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check uharfbuzz==0.57.0
cat >run.py <<'PY'
import uharfbuzz as hb

FONTS = {
    "Noto Naskh Arabic": "noto-naskh-arabic/400Regular/NotoNaskhArabic_400Regular.ttf",
    "Scheherazade New": "scheherazade-new/400Regular/ScheherazadeNew_400Regular.ttf",
}
for name, path in FONTS.items():
    font = hb.Font(hb.Face(hb.Blob.from_file_path(f"node_modules/@expo-google-fonts/{path}")))
    for text in ["\u0628", "\u0628\u0646\u062a"]:
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        hb.shape(font, buffer)
        glyphs = [font.glyph_to_string(info.codepoint) for info in buffer.glyph_infos]
        print(f"{name}: {len(text)} letters, {len(glyphs)} glyphs: {' '.join(glyphs)}")
PY
python/bin/python -c 'import uharfbuzz; print("uharfbuzz", uharfbuzz.__version__)'
seen=$(python/bin/python run.py)
echo "$seen"
expected='Noto Naskh Arabic: 1 letters, 2 glyphs: dotbelowar uni066E
Noto Naskh Arabic: 3 letters, 6 glyphs: twodotshorizontalabovear uni066E.fina dotabovear uni066E.medi dotbelowar uni066E.init
Scheherazade New: 1 letters, 1 glyphs: uni0628
Scheherazade New: 3 letters, 3 glyphs: uni062A.fina uni0646.medi uni0628.init'
[ "$seen" = "$expected" ] || { echo "This has changed."; exit 1; }
echo "As described above."
