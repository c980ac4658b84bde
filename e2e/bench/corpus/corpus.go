// Package corpus makes the rooms that benchmarks read.
package corpus

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/oklog/ulid/v2"

	"parley/session/chat"
)

// Store makes a store in a folder, with a room of so many messages.
func Store(ctx context.Context, folder string, many int) (info chat.RoomInfo, all []chat.Record, err error) {
	store, err := chat.Open(ctx, folder)
	if err != nil {
		return info, nil, err
	}
	info = chat.RoomInfo{Server: "S", AppID: "local", RoomID: "large", Stream: "one"}
	all = Records(many)
	for i := 0; i < many; i += 500 {
		if _, err := store.Restore(ctx, info, all[i:min(i+500, many)]); err != nil {
			return info, nil, errors.Join(err, store.Close())
		}
	}
	return info, all, store.Close()
}

// third is Chinese, of two characters.
func vocabulary(n int) []string {
	r := rand.New(rand.NewPCG(3, 4))
	syllables := []string{"ta", "re", "mi", "ko", "den", "si", "lo", "ver", "na", "ing", "pro", "che", "tion", "ma", "er"}
	words := make([]string, n)
	for i := range words {
		if i%3 == 2 {
			words[i] = string([]rune{rune(0x4E00 + r.IntN(600)), rune(0x4E00 + r.IntN(600))})
			continue
		}
		for range 1 + min(i/10, 1)*(1+r.IntN(2)) + min(i/300, 1) {
			words[i] += syllables[r.IntN(len(syllables))]
		}
	}
	return words
}

// Records are messages whose words are as common as those of people.
func Records(n int) []chat.Record {
	list := make([]chat.Record, n)
	words := vocabulary(wordsMost)
	r := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.05, 2, wordsMost-1)
	for i := range list {
		at := time.UnixMilli(1_700_000_000_000 + int64(i)*20_000)
		text := ""
		for range 4 + r.IntN(12) {
			text += words[zipf.Uint64()] + " "
		}
		if i%100_000 == 4711 {
			text += "needle 大海捞针"
		}
		e := chat.Envelope{Version: 1, ID: ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String(), Kind: chat.KindText, Name: "Bob", Sent: at.UTC(), Text: text}
		data, err := json.Marshal(e)
		if err != nil {
			panic(err) // nothing in it can fail
		}
		list[i] = chat.Record{UserID: "bob", Seq: uint64(i + 1), Status: "stored", TimeMS: at.UnixMilli(), Envelope: data}
	}
	return list
}

const wordsMost = 20_000

// Queries are the commonest words, some others, their beginnings, several
// together, and what is rare or not there.
func Queries() []string {
	words := vocabulary(wordsMost)
	list := []string{"needle", "大海", "捞", "大海捞针", "nothing of the sort", "needle " + words[0], words[0] + " " + words[1], words[1] + " " + words[3] + " " + words[4]}
	for _, i := range []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 21, 22, 50, 51, 100, 200, 1000, 10_000} {
		list = append(list, words[i])
		if runes := []rune(words[i]); len(runes) > 2 {
			list = append(list, string(runes[:1]), string(runes[:2]), string(runes[:len(runes)-1]))
		} else {
			list = append(list, string(runes[:1]))
		}
	}
	return list
}
