//! What people call the fields, in the languages of their plans: one table.

use super::Field;

/// A name at the front of its list is surer than one behind it. Names are written small and without
/// blanks and marks, as [`key`] makes them.
const NAMES: &[(Field, &str)] = &[
    (
        Field::Content,
        "content text tweettext tweet posttext postcontent tweetcontent tweetcopy postcopy copy caption \
         fullcaption captiontext message messagetext body post fulltext socialcopy xcopy xtext xpost \
         twittercopy twittertext twitterpost mainpost posttextcontent mainmessage postmessage postbody \
         textofpost beitragstext beitrag inhalt nachricht texte contenu légende publication texto contenido \
         mensaje publicación testo contenuto messaggio conteúdo mensagem legenda tekst inhoud bericht \
         innehåll meddelande treść tekstposta текст содержание пост твит зміст 本文 テキスト 投稿内容 投稿文 \
         ツイート 内容 正文 文本 文案 내용 본문 metin içerik teks konten isi",
    ),
    (
        Field::Thread,
        "thread tweets parts segments threadparts threadtext threadcontent threads fil hilo スレッド",
    ),
    (
        Field::ScheduledAt,
        "scheduledat scheduleat scheduledatetime scheduleddatetime scheduledfor datetime dateandtime \
         dateintlformatorprompt publishat postat sendat postatspecifictime publishdatetime \
         publishdateandtime postingdatetime postdatetime scheduleddateandtime scheduletime scheduledtime \
         scheduleddate scheduledate publishdate publishingdate publicationdate postdate postingdate \
         dateofpost postingtime publishon golivedate goliveat golive launchdate senddate when schedule \
         publish timestamp duedate datumundzeit datumuhrzeit datumzeit zeitpunkt veröffentlichung \
         veröffentlichungsdatum veröffentlichenam termin dateetheure datedepublication datepublication \
         fechayhora fechahora fechadepublicación dataeora datahora dataehora datumentijd \
         датаивремя датапубликации 投稿日時 日時 予約日時 公開日時 公開日 日期时间 发布时间 发布日期 게시일시 \
         tarihsaat",
    ),
    (
        Field::Date,
        "date day datum jour fecha data dato datę дата 日付 投稿日 日期 날짜 tarih tanggal päivä",
    ),
    (
        Field::Time,
        "time posttime publishtime timeofday hour clock uhrzeit zeit heure hora ora orario tijd tid \
         klockan godzina czas время час 時刻 時間 投稿時間 时间 시간 saat jam waktu kello",
    ),
    (
        Field::Timezone,
        "timezone tz zone zeitzone fuseauhoraire fuseau zonahoraria husohorario fusoorario fusohorário \
         tijdzone tidszon strefaczasowa часовойпояс タイムゾーン 时区 시간대 saatdilimi zonawaktu",
    ),
    (
        Field::Account,
        "account handle username xaccount xhandle twitteraccount twitterhandle accounthandle accountname \
         screenname socialaccount socialprofile profile postas user author konto compte cuenta perfil \
         profilo conta rekening użytkownik аккаунт アカウント 账号 账户 계정 hesap akun",
    ),
    (Field::Draft, "draft isdraft entwurf brouillon borrador bozza rascunho utkast 下書き 草稿"),
    (
        Field::Status,
        "status state poststatus stage zustand statut état estado stato situação stan стан статус \
         ステータス 状态 상태 durum",
    ),
    (
        Field::Tags,
        "tags tag labels label category categories topic topics schlagwörter schlagworte kategorie \
         kategorien étiquettes catégorie etiquetas categoría categoria etichette kategoria метки теги タグ \
         カテゴリ 标签 태그 etiketler",
    ),
    (
        Field::Link,
        "link url links urls linkurl postlink articlelink articleurl landingpage destinationurl weblink \
         ctalink verlinkung lien enlace collegamento ligação łącze ссылка посилання リンク 链接 링크 bağlantı",
    ),
    (Field::Hashtags, "hashtags hashtag hashtagsused ハッシュタグ 话题标签 해시태그 хештеги"),
    (
        Field::Media,
        "media mediaurl mediaurls mediafile mediafiles medialink mediapath image images imageurl imageurls \
         imagefile imagelink imagepath picture pictures pictureurl photo photos photourl photovideolink \
         video videos videourl videourls videofile gif gifurl attachment attachments file files visual \
         visuals asset assets creative graphic bild bilder bildurl imagen imágenes foto fotos immagine \
         imagem afbeelding zdjęcie изображение картинка 画像 图片 이미지 görsel gambar",
    ),
    (
        Field::AltText,
        "alttext alttexts alt imagealt imagealttext mediaalttext imagedescription altimage altbeschreibung \
         textealternatif textoalternativo 代替テキスト 替代文本",
    ),
    (
        Field::PollOptions,
        "polloptions polloption poll pollanswers pollanswer pollchoices pollchoice",
    ),
    (
        Field::PollDuration,
        "pollduration polllength pollminutes polldurationminutes pollhours polldays",
    ),
    (Field::ReplySettings, "replysettings replysetting whocanreply replies replypermission"),
    (Field::MadeWithAi, "madewithai aigenerated isaigenerated ailabel aidisclosure"),
    (
        Field::PaidPartnership,
        "paidpartnership ispaidpartnership paidpromotion brandedcontent sponsored issponsored",
    ),
    (Field::CommunityId, "communityid community xcommunity communityurl communitylink"),
    (Field::FollowUp, "followup followupreply followuptext firstcomment firstreply autoreply"),
    (
        Field::FollowUpAfter,
        "followupafter followupdelay followupminutes firstcommentafter firstcommentdelay",
    ),
    (
        Field::Note,
        "note notes internalnote internalnotes remark remarks memo notiz notizen bemerkung anmerkung \
         remarque nota notas opmerking uwagi заметка メモ 备注 메모",
    ),
    (
        Field::OwnId,
        "id ownid rowid externalid externalref uid uuid identifier ref reference planid",
    ),
    (
        Field::Network,
        "network platform platforms networks channel channels socialnetwork socialmedia \
         socialmediaplatform plattform netzwerk kanal réseau réseausocial plateforme red redsocial \
         plataforma piattaforma rede platforma соцсеть платформа プラットフォーム 平台 플랫폼",
    ),
    (
        Field::TweetId,
        "tweetid idstr xid xpostid statusid tweeturl tweetlink xurl xlink tweetpermalink permalink \
         publishedurl releaseurl postedurl",
    ),
];

/// Names that hold a date or a text and are never the post's.
const NEVER: &[&str] = &[
    "created",
    "updated",
    "modified",
    "lastedited",
    "edited",
    "approved",
    "review",
    "deadline",
    "birth",
    "assigned",
    "published",
    "posted",
    "imported",
];

/// So many letters may be wrong, missing or swapped in a name of up to so many letters.
const SLIPS_MAX: [(usize, usize); 2] = [(8, 1), (24, 2)];

/// Returns a name small and without blanks and marks, so that `scheduledAt`, `scheduled_at` and
/// `Scheduled At` are one. What stands in parentheses is left out: `Date (UTC)`, `Link(s)`.
pub(crate) fn key(name: &str) -> String {
    let outside: String = match (name.find('('), name.rfind(')')) {
        (Some(from), Some(to)) if from < to && !name[..from].trim().is_empty() => {
            format!("{}{}", &name[..from], &name[to + 1..])
        }
        _ => name.to_owned(),
    };
    let plain = outside.chars().take(80).filter(|letter| letter.is_alphanumeric());
    plain.flat_map(char::to_lowercase).collect()
}

/// Returns a key without the number at its end, and the number: `tweet2`, `imageurl10`.
pub(crate) fn numbered(key: &str) -> (&str, Option<u32>) {
    let base = key.trim_end_matches(|letter: char| letter.is_ascii_digit());
    match key[base.len()..].parse() {
        Ok(number) if !base.is_empty() => (base, Some(number)),
        _ => (key, None),
    }
}

/// Returns the field of a key, and how sure the name is: 0 is surest.
pub(crate) fn named(key: &str) -> Option<(Field, usize)> {
    NAMES.iter().find_map(|(field, names)| {
        let rank = names.split_whitespace().position(|name| name == key)?;
        Some((*field, rank))
    })
}

/// Returns the field that people call by this name, such as `Publish Date` or `Uhrzeit`.
pub(crate) fn field_of(name: &str) -> Option<Field> {
    named(&key(name)).map(|(field, _)| field)
}

/// Returns the field that was probably meant by a misspelt name.
pub(crate) fn nearest(key: &str) -> Option<Field> {
    let length = key.chars().count();
    let (_, slips) = SLIPS_MAX.into_iter().find(|(letters, _)| length <= *letters)?;
    if length < 4 || is_never(key) {
        return None;
    }
    let names = NAMES.iter().flat_map(|(field, names)| {
        names.split_whitespace().filter(|name| name.len() >= 4).map(|name| (*field, name))
    });
    names
        .map(|(field, name)| (strsim::osa_distance(name, key), field))
        .filter(|(distance, _)| *distance <= slips)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, field)| field)
}

/// Returns whether a name says that its dates and texts are not the post's: `Created at`, `Review by`.
pub(crate) fn is_never(key: &str) -> bool {
    NEVER.iter().any(|word| key.starts_with(word))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn no_name_means_two_fields_and_all_are_written_as_keys() {
        let mut seen: HashMap<&str, Field> = HashMap::new();
        for (field, names) in NAMES {
            for name in names.split_whitespace() {
                assert_eq!(seen.insert(name, *field), None, "{name}");
                assert_eq!(key(name), name);
            }
        }
    }

    #[test]
    fn a_name_is_the_same_however_its_words_are_joined() {
        for name in
            ["scheduledAt", "scheduled_at", "Scheduled At", "SCHEDULED-AT", "📅 Scheduled at (UTC)"]
        {
            assert_eq!(field_of(name), Some(Field::ScheduledAt), "{name}");
        }
        assert_eq!(field_of("Link(s)"), Some(Field::Link));
        assert_eq!(field_of("Post Type"), None);
    }

    #[test]
    fn a_slip_is_taken_for_the_name_that_it_is_near() {
        for (name, field) in [
            ("contnet", Field::Content),
            ("shceduledAt", Field::ScheduledAt),
            ("acount", Field::Account),
            ("timezon", Field::Timezone),
            ("hashtgs", Field::Hashtags),
        ] {
            assert_eq!(nearest(&key(name)), Some(field), "{name}");
        }
        for name in ["Week", "Review By", "Theme", "CTA", "Post Type", "Created at", "x"] {
            assert_eq!(nearest(&key(name)), None, "{name}");
        }
    }
}
