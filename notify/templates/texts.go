package templates

import (
	"slices"
	"strings"

	"channelbook/notify"
)

// The words of the built-in messages, beside those in the files.
const (
	greeting  = "Здравствуйте!"
	greetName = "Здравствуйте, %s!"

	// What is told in the place of what a channel may not carry.
	veiledTitle = "Вам пришло сообщение"
	veiledText  = "Вам пришло сообщение. Откройте Channelbook, чтобы прочитать его."

	testSubject = "Channelbook: проверка отправки"
	testText    = "Это проверка: её отправил администратор на свой адрес. Если вы читаете эти строки, письма уходят и доходят."

	welcomeSubject = "Ваша заявка принята"
	welcomeText    = "%s\n\nВаша заявка принята. С вами свяжется %s."
	welcomeReach   = "\n\nЕсли хотите связаться сами: %s."

	whyNotice  = "Вы получили это письмо, потому что пользуетесь Channelbook и включили такие уведомления."
	whyTest    = "Вы получили это письмо, потому что попросили отправить проверочное сообщение."
	whyWelcome = "Вы получили это письмо, потому что оставили заявку и согласились на обработку данных. Если заявку оставили не вы, сообщите об этом тому, кто с вами свяжется."

	// Who has not told a name, and what is not there.
	somebody = "коллега"
	client   = "клиент"
	ourName  = "Channelbook"
	nothing  = "—"
)

// most is how many titles a digest's title names.
const most = 3

// digestTitle is "3 новых уведомления: Новый лид, Тестовый лид".
func digestTitle(notices []told) string {
	var titles []string
	for _, t := range notices {
		if !slices.Contains(titles, t.Title) {
			titles = append(titles, t.Title)
		}
	}
	title := notify.Counted(int64(len(notices)), "новое уведомление", "новых уведомления", "новых уведомлений") + ": "
	if len(titles) > most {
		return title + strings.Join(titles[:most], ", ") + " и другие"
	}
	return title + strings.Join(titles, ", ")
}
