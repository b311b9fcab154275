// Checks an export of the log with Go's golang.org/x/mod/sumdb, which the authors of the log did not write.
//
//	check DIR VKEY PROOF OLD GROWTH
//
// Every entry of the export in DIR must have its leaf hash in the tiles and its proof from them; the checkpoint must
// open with VKEY; the .tlog-proof PROOF and the consistency proof GROWTH from the checkpoint OLD must hold.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "REFUSED:", err)
		os.Exit(1)
	}
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	must(err)
	return data
}

func open(data []byte, vkey string) tlog.Tree {
	verifier, err := note.NewVerifier(vkey)
	must(err)
	opened, err := note.Open(data, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	return tlog.Tree{N: size, Hash: hash(lines[2])}
}

func hash(text string) tlog.Hash {
	found, err := tlog.ParseHash(text)
	must(err)
	return found
}

// tiles reads the tiles of the export; sumdb's own paths name the height too.
type tiles struct{ folder string }

func (t tiles) Height() int { return 8 }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		path := strings.TrimPrefix(tile.Path(), "tile/8/")
		data, err := os.ReadFile(filepath.Join(t.folder, "tile", path))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func entries(folder string, size int64) [][]byte {
	var found [][]byte
	for n := int64(0); n*256 < size; n++ {
		tile := tlog.Tile{H: 8, L: 0, N: n, W: 256}
		if rest := size - n*256; rest < 256 {
			tile.W = int(rest)
		}
		path := strings.TrimPrefix(tile.Path(), "tile/8/0/")
		for bundle := read(filepath.Join(folder, "tile/entries", path)); len(bundle) > 0; {
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			found = append(found, bundle[2:end])
			bundle = bundle[end:]
		}
	}
	return found
}

func steps(lines []string) []tlog.Hash {
	var found []tlog.Hash
	for _, line := range lines {
		found = append(found, hash(line))
	}
	return found
}

func main() {
	folder, vkey := os.Args[1], os.Args[2]
	tree := open(read(filepath.Join(folder, "checkpoint")), vkey)
	reader := tlog.TileHashReader(tree, tiles{folder})
	all := entries(folder, tree.N)
	if int64(len(all)) != tree.N {
		must(fmt.Errorf("%d entries, and the checkpoint says %d", len(all), tree.N))
	}
	for n, entry := range all {
		proof, err := tlog.ProveRecord(tree.N, int64(n), reader)
		must(err)
		must(tlog.CheckRecord(proof, tree.N, tree.Hash, int64(n), tlog.RecordHash(entry)))
	}

	before, after, _ := bytes.Cut(read(os.Args[3]), []byte("\n\n"))
	signed := open(after, vkey)
	lines := strings.Split(string(before), "\n")
	entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	must(err)
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	must(err)
	must(tlog.CheckRecord(steps(lines[3:]), signed.N, signed.Hash, index, tlog.RecordHash(entry)))

	old := open(read(os.Args[4]), vkey)
	before, after, _ = bytes.Cut(read(os.Args[5]), []byte("\n\n"))
	grown := open(after, vkey)
	lines = strings.Split(string(before), "\n")
	must(tlog.CheckTree(steps(lines[1:]), grown.N, grown.Hash, old.N, old.Hash))
	fmt.Printf("Go agrees: %d entries, index %d, %d grew into %d.\n", tree.N, index, old.N, grown.N)
}
