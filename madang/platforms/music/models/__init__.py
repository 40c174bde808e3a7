"""What the music platform stores: ``catalogue`` (who made what), ``splitting`` (who gets which part), ``listening`` (wallets and plays),
``settling`` (a month's money), ``library`` (what a listener keeps), ``clients`` (players of others)."""

from madang.platforms.music.models.catalogue import Artist as Artist
from madang.platforms.music.models.catalogue import Credit as Credit
from madang.platforms.music.models.catalogue import Member as Member
from madang.platforms.music.models.catalogue import Release as Release
from madang.platforms.music.models.catalogue import Rendition as Rendition
from madang.platforms.music.models.catalogue import Track as Track
from madang.platforms.music.models.catalogue import Upload as Upload
from madang.platforms.music.models.clients import AppPassword as AppPassword
from madang.platforms.music.models.library import Bookmark as Bookmark
from madang.platforms.music.models.library import Playlist as Playlist
from madang.platforms.music.models.library import PlaylistEntry as PlaylistEntry
from madang.platforms.music.models.library import PlayQueue as PlayQueue
from madang.platforms.music.models.library import Rating as Rating
from madang.platforms.music.models.library import Share as Share
from madang.platforms.music.models.library import Star as Star
from madang.platforms.music.models.listening import Fee as Fee
from madang.platforms.music.models.listening import Fetch as Fetch
from madang.platforms.music.models.listening import Heard as Heard
from madang.platforms.music.models.listening import Play as Play
from madang.platforms.music.models.listening import Playing as Playing
from madang.platforms.music.models.listening import TopUp as TopUp
from madang.platforms.music.models.listening import Wallet as Wallet
from madang.platforms.music.models.settling import Earning as Earning
from madang.platforms.music.models.settling import Line as Line
from madang.platforms.music.models.settling import Settlement as Settlement
from madang.platforms.music.models.splitting import Agreement as Agreement
from madang.platforms.music.models.splitting import Party as Party
