package web

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"channelbook/internal/gid"
)

// How many pictures one person may send: reading them takes memory and time, and each stands on the disk for a while.
const (
	picturesAtOnce   = 60
	pictureEvery     = 5 * time.Second
	peopleRemembered = 10_000
)

// pictureRates bounds how fast each person sends pictures to this instance.
type pictureRates struct {
	people *lru.Cache[gid.ID, *rate.Limiter]
}

func newPictureRates() *pictureRates {
	people, err := lru.New[gid.ID, *rate.Limiter](peopleRemembered)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return &pictureRates{people}
}

// take counts one picture of a person; where that is too many it tells how long to wait.
func (r *pictureRates) take(person gid.ID) (wait time.Duration, ok bool) {
	limiter := rate.NewLimiter(rate.Every(pictureEvery), picturesAtOnce)
	if known, there, _ := r.people.PeekOrAdd(person, limiter); there {
		limiter = known
	}
	reservation := limiter.Reserve()
	if wait = reservation.Delay(); wait > 0 {
		reservation.Cancel()
		return wait, false
	}
	return 0, true
}
