// Package album keeps the pictures that companies and people show: a row of each in the base, and its file in the store
// of files. distributors and accounts say whose picture it is.
package album

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"time"

	"channelbook/ent"
	"channelbook/ent/picture"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/files"
	"channelbook/internal/gid"
	pictures "channelbook/internal/picture"
)

// Album holds what keeping pictures needs. All fields are required.
type Album struct {
	DB    *db.DB
	Store files.Store
	Now   func() time.Time // UTC, to the microsecond
	Log   *slog.Logger
}

// unshown is how long a picture that nobody shows is kept: one that has just come is shown a moment later, and one that
// another has replaced may still be on somebody's page.
const unshown = time.Hour

// Add takes a picture in, written anew; the caller then has somebody show it, or it goes within two hours. Faults are those
// of pictures.Normalize. Where current, the picture that is shown now, is the same one, it is returned instead and nothing
// is to be done. The row is written before the file: a crash in between leaves a row that Sweep takes away.
func (a *Album) Add(ctx context.Context, body []byte, current *ent.Picture) (*ent.Picture, error) {
	p, err := pictures.Normalize(ctx, body)
	if err != nil {
		return nil, err
	}
	if current != nil && current.Digest == p.Digest {
		return current, nil
	}
	row, err := a.DB.Picture.Create().SetDigest(p.Digest).SetMediaType(p.MediaType).SetSize(len(p.Bytes)).
		SetWidth(p.Width).SetHeight(p.Height).SetCreatedAt(a.Now()).Save(db.Unaudited(asAlbum(ctx), "nobody shows it yet"))
	if err != nil {
		return nil, fmt.Errorf("store a picture's row: %w", err)
	}
	if err := a.Store.Put(ctx, fileName(row), p.MediaType, bytes.NewReader(p.Bytes), int64(len(p.Bytes))); err != nil {
		return nil, fmt.Errorf("store a picture's file: %w", err)
	}
	return row, nil
}

// Open opens a picture that the viewer sees. ErrNotFound where there is none.
func (a *Album) Open(ctx context.Context, id gid.ID) (*ent.Picture, *files.File, error) {
	row, err := a.DB.Picture.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, nil, files.ErrNotFound
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read a picture's row: %w", err)
	}
	file, err := a.Store.Open(ctx, fileName(row))
	if err != nil {
		return nil, nil, fmt.Errorf("open a picture's file: %w", err)
	}
	return row, file, nil
}

// Release notes, in the transaction that has somebody show another picture or none, that this one is not shown any more;
// nil is no picture.
func (a *Album) Release(ctx context.Context, tx *db.Tx, id *gid.ID) error {
	if id == nil {
		return nil
	}
	if err := tx.Picture.Update().Where(picture.ID(*id)).SetReleasedAt(a.Now()).Exec(asAlbum(ctx)); err != nil {
		return fmt.Errorf("release a picture: %w", err)
	}
	return nil
}

// Sweep deletes the pictures that nobody has shown for an hour. It may run at any time, on any number of instances at
// once: a picture is not shown a second time, since one that comes back is a new one. It ends with the first file that
// cannot be deleted, for the others likely cannot either. Nobody but the system may.
func (a *Album) Sweep(ctx context.Context) error {
	if _, err := auth.Require(ctx); err != nil {
		return err
	}
	before := a.Now().Add(-unshown)
	rows, err := a.DB.Picture.Query().Where(nobodyShows, picture.CreatedAtLT(before),
		picture.Or(picture.ReleasedAtIsNil(), picture.ReleasedAtLT(before))).All(ctx)
	if err != nil {
		return fmt.Errorf("look for pictures that nobody shows: %w", err)
	}
	for _, row := range rows {
		if err := a.remove(ctx, row); err != nil {
			return err
		}
	}
	if len(rows) > 0 {
		a.Log.InfoContext(ctx, "pictures that nobody shows deleted", "pictures", len(rows))
	}
	return nil
}

func (a *Album) remove(ctx context.Context, row *ent.Picture) error {
	if err := a.Store.Delete(ctx, fileName(row)); err != nil {
		return fmt.Errorf("delete a picture's file: %w", err)
	}
	ctx = db.Unaudited(ctx, "nobody shows it any more")
	if _, err := a.DB.Picture.Delete().Where(picture.ID(row.ID), nobodyShows).Exec(ctx); err != nil {
		return fmt.Errorf("delete a picture's row: %w", err)
	}
	return nil
}

// nobodyShows is a picture that is neither a logo nor an avatar.
var nobodyShows = picture.Not(picture.Or(picture.HasDistributors(), picture.HasUsers()))

func asAlbum(ctx context.Context) context.Context { return auth.AsSystem(ctx, "album") }

// fileName names a file by its content and, behind that, by its row, so that no two rows share a file.
func fileName(row *ent.Picture) string {
	extension := "png"
	if row.MediaType == "image/jpeg" {
		extension = "jpg"
	}
	return "pictures/" + row.Digest + "-" + row.ID.String() + "." + extension
}
