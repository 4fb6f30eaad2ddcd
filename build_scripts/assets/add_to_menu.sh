#!/bin/sh
# Puts 决算公开校核 into the menu of the user who runs this, and nowhere else: no administrator is needed.
# Lies in the program's folder beside juesuan.desktop and the icon; run it again after moving the folder.
# With "remove" as its argument it takes the entry out again.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
entries=${XDG_DATA_HOME:-$HOME/.local/share}/applications
entry=$entries/juesuan.desktop
refresh() { if command -v update-desktop-database >/dev/null 2>&1; then update-desktop-database -q "$entries" || true; fi; }

if [ "${1:-}" = remove ]; then
    rm -f -- "$entry"
    refresh
    echo "已从菜单中移除。"
    exit 0
fi
case $here in
*'
'*) echo "文件夹的名字里有换行，不能加入菜单，请改名后再试。" >&2; exit 2 ;;
esac
# A program's path in Exec stands in double quotes, where " ` $ and \ take a backslash; each backslash is then
# doubled as in every value of the file, and a % is doubled lest it be a field code.
quoted=$(printf '%s' "$here/决算公开校核" | sed 's/[\\"`$]/\\&/g; s/\\/\\\\/g; s/%/%%/g')
icon=$(printf '%s' "$here/icon.png" | sed 's/\\/\\\\/g')
# Neither of them may be read as part of sed's own command: its \ & and | are escaped again.
escaped() { printf '%s' "$1" | sed 's/[\\&|]/\\&/g'; }
mkdir -p -- "$entries"
sed "s|@PROGRAM@|\"$(escaped "$quoted")\"|; s|@ICON@|$(escaped "$icon")|" "$here/juesuan.desktop" >"$entry.new"
mv -f -- "$entry.new" "$entry"
refresh
echo "已加入菜单：决算公开校核。"
