"""What the answers of the protocol hold: every element, its keys, their types, and where XML keeps them.

Written down from the public description of OpenSubsonic (opensubsonic.netlify.app, its pages of responses and its OpenAPI description) and from what
the XML schema of Subsonic 1.16.1 allows. The words are read as ``notation`` says. Two things are settled here where the descriptions differ:
``bookmarkPosition`` is in milliseconds (one page says seconds, its example and the XML schema do not), and the agents of lyrics are ``agents`` in JSON
and ``agent`` in XML. An album that is a directory also has ``name`` and ``songCount``, and one by its tags ``title``, as the examples of the protocol's
pages have: py-opensonic and Mopidy-Subidy do not work without. Order matters: the XML schema wants the elements of one parent in a fixed sequence.
"""

from __future__ import annotations

from madang.platforms.music.subsonic.notation import Shape, shapes

NAMESPACE = "http://subsonic.org/restapi"
VERSION = "1.16.1"

_ROLES = "*adminRole *settingsRole *downloadRole *uploadRole *playlistRole *coverArtRole *commentRole *podcastRole *streamRole *jukeboxRole *shareRole"

_ADDED_TO_ALL = "~played:time ~sortName ~musicBrainzId ~displayArtist ~explicitStatus:clean|explicit| ~genres:ItemGenre[] ~artists:ArtistID3[] ~moods[]"

SHAPES: dict[str, Shape] = shapes(
    {
        # Small parts
        "Error": "*code:int message ~helpUrl",
        "Extension": "*name *versions:int[]",
        "License": "*valid:flag email licenseExpires:time trialExpires:time",
        "TokenInfo": "*username",
        "MusicFolder": "*id:int name",
        "MusicFolders": "+musicFolder:MusicFolder[]",
        "ScanStatus": "*scanning:flag count:long",
        "Genre": "*value= *songCount:int@1.10.2 *albumCount:int@1.10.2",
        "Genres": "+genre:Genre[]",
        "ItemGenre": "*name",
        "ItemDate": "year:int month:month day:day",
        "RecordLabel": "*name",
        "DiscTitle": "*disc:int *title coverArt",
        "ReplayGain": "trackGain:number albumGain:number trackPeak:peak albumPeak:peak baseGain:number fallbackGain:number",
        "Work": "*name musicBrainzId",
        "Movement": "*name number:int count:int",
        # Artists, albums, songs
        "Artist": "*id *name ~artistImageUrl starred:time userRating:rating averageRating:average",
        "ArtistID3": (
            "*id *name coverArt ~artistImageUrl albumCount:int starred:time ~userRating:rating ~musicBrainzId ~sortName"
            " ~disambiguation ~roles[]"
        ),
        "Contributor": "*role subRole *artist:ArtistID3",
        "Child": (
            "*id parent *isDir:flag *title album artist track:int year:int genre coverArt size:long contentType suffix transcodedContentType"
            " transcodedSuffix duration:int bitRate:int ~bitDepth:int ~samplingRate:int ~channelCount:int path isVideo:flag userRating:rating"
            " averageRating:average playCount:long discNumber:int created:time starred:time albumId artistId type:music|podcast|audiobook|video"
            " ~mediaType:song|album|artist bookmarkPosition:long originalWidth:int originalHeight:int ~bpm:int ~comment ~name ~songCount:int"
            f" {_ADDED_TO_ALL} ~isrc[] ~albumArtists:ArtistID3[] ~displayAlbumArtist ~contributors:Contributor[] ~displayComposer"
            " ~replayGain:ReplayGain ~works:Work[] ~movements:Movement[] ~groupings[]"
        ),
        "AlbumID3": (
            "*id *name ~title ~version artist artistId coverArt *songCount:int *duration:int playCount:long *created:time starred:time year:int genre"
            f" ~userRating:rating {_ADDED_TO_ALL} ~recordLabels:RecordLabel[] ~releaseTypes[]"
            " ~originalReleaseDate:ItemDate ~releaseDate:ItemDate ~isCompilation:flag ~discTitles:DiscTitle[]"
        ),
        "ArtistWithAlbumsID3 < ArtistID3": "*album:AlbumID3[]",
        "AlbumID3WithSongs < AlbumID3": "*song:Child[]",
        # Browsing
        "Index": "*name +artist:Artist[]",
        "IndexID3": "*name +artist:ArtistID3[]",
        "Indexes": "*lastModified:long *ignoredArticles@1.10.0 shortcut:Artist[] +index:Index[] child:Child[]",
        "ArtistsID3": "*ignoredArticles@1.10.0 +index:IndexID3[]",
        "Directory": "*id parent *name starred:time userRating:rating averageRating:average playCount:long +child:Child[]",
        "AlbumInfo": "notes/ musicBrainzId/ lastFmUrl/ smallImageUrl/ mediumImageUrl/ largeImageUrl/",
        "ArtistInfoBase": "biography/ musicBrainzId/ lastFmUrl/ smallImageUrl/ mediumImageUrl/ largeImageUrl/",
        "ArtistInfo < ArtistInfoBase": "+similarArtist:Artist[]",
        "ArtistInfo2 < ArtistInfoBase": "+similarArtist:ArtistID3[]",
        "Videos": "+video:Child[]",
        # Lists and searches
        "Songs": "+song:Child[]",
        "AlbumList": "+album:Child[]",
        "AlbumList2": "+album:AlbumID3[]",
        "Starred": "+artist:Artist[] +album:Child[] +song:Child[]",
        "Starred2": "+artist:ArtistID3[] +album:AlbumID3[] +song:Child[]",
        "SearchResult": "*offset:int *totalHits:int +match:Child[]",
        "SearchResult2 < Starred": "",
        "SearchResult3 < Starred2": "",
        "NowPlayingEntry < Child": (
            "*username *minutesAgo:int *playerId:int playerName ~state:starting|playing|paused|stopped ~positionMs:long ~playbackRate:number"
        ),
        "NowPlaying": "*entry:NowPlayingEntry[]",
        # What a listener keeps
        "Playlist": (
            "*id *name comment owner public:flag *songCount:int *duration:int *created:time *changed:time@1.13.0 coverArt ~readonly:flag ~validUntil:time"
            " allowedUser[]"
        ),
        "PlaylistWithSongs < Playlist": "+entry:Child[]",
        "Playlists": "+playlist:Playlist[]",
        "Bookmark": "*position:long *username comment *created:time *changed:time *entry:Child",
        "Bookmarks": "+bookmark:Bookmark[]",
        "PlayQueue": "current position:long *username *changed:time *changedBy +entry:Child[]",
        "PlayQueueByIndex": "currentIndex:int position:long *username *changed:time *changedBy +entry:Child[]",
        "Share": "*id *url description *username *created:time expires:time lastVisited:time *visitCount:int +entry:Child[]",
        "Shares": "+share:Share[]",
        "User": (
            "*username email *scrobblingEnabled:flag maxBitRate:int "
            + " ".join(f"{role}:flag" for role in _ROLES.split())
            + " *videoConversionRole:flag@1.14.0 avatarLastChanged:time folder:int[]"
        ),
        "Users": "+user:User[]",
        # Lyrics
        "Lyrics": "*value= artist title",
        "Line": "*value= start:number",
        "Cue": "*value= *start:long end:long *byteStart:place *byteEnd:place",
        "CueLine": "*index:int *value start:long end:long agentId *cue:Cue[]",
        "Agent": "*id *role:main|voice|bg|group name",
        "StructuredLyrics": (
            "*lang *synced:flag displayArtist displayTitle offset:number kind:main|translation|pronunciation *line:Line[] agents>agent:Agent[1]"
            " cueLine:CueLine[]"
        ),
        "LyricsList": "+structuredLyrics:StructuredLyrics[]",
        # Podcasts and radio
        "PodcastEpisode < Child": "streamId *channelId@1.13.0 description *status:new|downloading|completed|error|deleted|skipped publishDate:time",
        "PodcastChannel": (
            "*id *url title description coverArt originalImageUrl *status:new|downloading|completed|error|deleted|skipped errorMessage"
            " episode:PodcastEpisode[]"
        ),
        "Podcasts": "+channel:PodcastChannel[]",
        "NewestPodcasts": "+episode:PodcastEpisode[]",
        "InternetRadioStation": "*id *name *streamUrl homePageUrl ~coverArt",
        "InternetRadioStations": "+internetRadioStation:InternetRadioStation[]",
        # Transcoding
        "StreamDetails": "*protocol:http|hls *container *codec audioChannels:int audioBitrate:int audioProfile audioSamplerate:int audioBitdepth:int",
        "TranscodeDecision": (
            "*canDirectPlay:flag *canTranscode:flag errorReason transcodeParams transcodeReason[] sourceStream:StreamDetails transcodeStream:StreamDetails"
        ),
        # The whole answer
        "Response": (
            "*status:ok|failed *version ~type ~serverVersion ~openSubsonic:flag error:Error license:License ~openSubsonicExtensions:Extension[]"
            " ~tokenInfo:TokenInfo musicFolders:MusicFolders indexes:Indexes directory:Directory genres:Genres artists:ArtistsID3"
            " artist:ArtistWithAlbumsID3 album:AlbumID3WithSongs song:Child videos:Videos artistInfo:ArtistInfo artistInfo2:ArtistInfo2"
            " albumInfo:AlbumInfo similarSongs:Songs similarSongs2:Songs topSongs:Songs albumList:AlbumList albumList2:AlbumList2 randomSongs:Songs"
            " songsByGenre:Songs nowPlaying:NowPlaying starred:Starred starred2:Starred2 searchResult:SearchResult searchResult2:SearchResult2"
            " searchResult3:SearchResult3 playlists:Playlists playlist:PlaylistWithSongs lyrics:Lyrics ~lyricsList:LyricsList user:User users:Users"
            " bookmarks:Bookmarks playQueue:PlayQueue ~playQueueByIndex:PlayQueueByIndex shares:Shares podcasts:Podcasts"
            " newestPodcasts:NewestPodcasts ~podcastEpisode:PodcastEpisode internetRadioStations:InternetRadioStations scanStatus:ScanStatus"
            " ~transcodeDecision:TranscodeDecision"
        ),
    }
)

RESPONSE = SHAPES["Response"]
OPEN_KEYS = ("type", "serverVersion", "openSubsonic")
"""What every answer of an OpenSubsonic server has, beside status and version."""


def shape_of(name: str) -> Shape:
    """The shape of an element that stands right below the answer, say ``"album"``. Raises ``KeyError`` where there is none."""
    return SHAPES[RESPONSE.keys[name].type]
