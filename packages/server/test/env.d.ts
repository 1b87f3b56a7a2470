// The bindings of wrangler.jsonc, for the types of `env`.
import type * as rooms from "./worker.ts";

declare global {
  namespace Cloudflare {
    interface Env {
      /** Not empty where every step is asked for. */
      ALL_STEPS: string;
      ChatRoom: DurableObjectNamespace<rooms.ChatRoom>;
      DoorRoom: DurableObjectNamespace<rooms.DoorRoom>;
      OpenDoorRoom: DurableObjectNamespace<rooms.OpenDoorRoom>;
      RawDoorRoom: DurableObjectNamespace<rooms.RawDoorRoom>;
      SmallRoom: DurableObjectNamespace<rooms.SmallRoom>;
      EchoRoom: DurableObjectNamespace<rooms.EchoRoom>;
      FieldRoom: DurableObjectNamespace<rooms.FieldRoom>;
      FailingRoom: DurableObjectNamespace<rooms.FailingRoom>;
      SleeplessRoom: DurableObjectNamespace<rooms.SleeplessRoom>;
      SlowDoorRoom: DurableObjectNamespace<rooms.SlowDoorRoom>;
      TaggedRoom: DurableObjectNamespace<rooms.TaggedRoom>;
      PlainRoom: DurableObjectNamespace<rooms.PlainRoom>;
      DocumentRoom: DurableObjectNamespace<rooms.DocumentRoom>;
      AlarmRoom: DurableObjectNamespace<rooms.AlarmRoom>;
      EveryRoom: DurableObjectNamespace<rooms.EveryRoom>;
      LazyRoom: DurableObjectNamespace<rooms.LazyRoom>;
      ExtendingRoom: DurableObjectNamespace<rooms.ExtendingRoom>;
      KeepingRoom: DurableObjectNamespace<rooms.KeepingRoom>;
      BadOptionRoom: DurableObjectNamespace<rooms.BadOptionRoom>;
      RatedRoom: DurableObjectNamespace<rooms.RatedRoom>;
      LaggingRoom: DurableObjectNamespace<rooms.LaggingRoom>;
      SharedRateRoom: DurableObjectNamespace<rooms.SharedRateRoom>;
      PatientRoom: DurableObjectNamespace<rooms.PatientRoom>;
      RatedRawRoom: DurableObjectNamespace<rooms.RatedRawRoom>;
      BadLimitRoom: DurableObjectNamespace<rooms.BadLimitRoom>;
      LazyChatRoom: DurableObjectNamespace<rooms.LazyChatRoom>;
      MeteredChat: DurableObjectNamespace<rooms.MeteredChat>;
      MeteredLazyChat: DurableObjectNamespace<rooms.MeteredLazyChat>;
      MeteredRaw: DurableObjectNamespace<rooms.MeteredRaw>;
      HandWritten: DurableObjectNamespace<rooms.HandWritten>;
      CrashingRoom: DurableObjectNamespace<rooms.CrashingRoom>;
      PartyServer: DurableObjectNamespace<rooms.PartyServer>;
      MovedServer: DurableObjectNamespace<rooms.MovedServer>;
      PollBefore: DurableObjectNamespace<rooms.PollBefore>;
      PollMoved: DurableObjectNamespace<rooms.PollMoved>;
      PollTyped: DurableObjectNamespace<rooms.PollTyped>;
      ValueRoom: DurableObjectNamespace<rooms.ValueRoom>;
      SnapshotRoom: DurableObjectNamespace<rooms.SnapshotRoom>;
      NaiveCounter: DurableObjectNamespace<rooms.NaiveCounter>;
      NaiveTimeout: DurableObjectNamespace<rooms.NaiveTimeout>;
      NaiveConstructor: DurableObjectNamespace<rooms.NaiveConstructor>;
      NaiveTally: DurableObjectNamespace<rooms.NaiveTally>;
      NaiveSockets: DurableObjectNamespace<rooms.NaiveSockets>;
      NaivePurge: DurableObjectNamespace<rooms.NaivePurge>;
      NaiveBackend: DurableObjectNamespace<rooms.NaiveBackend>;
      NaiveAlarms: DurableObjectNamespace<rooms.NaiveAlarms>;
      CountingRoom: DurableObjectNamespace<rooms.CountingRoom>;
      ExpiringRoom: DurableObjectNamespace<rooms.ExpiringRoom>;
      WakingRoom: DurableObjectNamespace<rooms.WakingRoom>;
      TallyRoom: DurableObjectNamespace<rooms.TallyRoom>;
      LinesRoom: DurableObjectNamespace<rooms.LinesRoom>;
      BackendRoom: DurableObjectNamespace<rooms.BackendRoom>;
      ReminderRoom: DurableObjectNamespace<rooms.ReminderRoom>;
      MeteredTimers: DurableObjectNamespace<rooms.MeteredTimers>;
      MeteredDesk: DurableObjectNamespace<rooms.MeteredDesk>;
      StepRoom: DurableObjectNamespace<rooms.StepRoom>;
      LazyStepRoom: DurableObjectNamespace<rooms.LazyStepRoom>;
      PresenceRoom: DurableObjectNamespace<rooms.PresenceRoom>;
      EndingRoom: DurableObjectNamespace<rooms.EndingRoom>;
      LingeringRoom: DurableObjectNamespace<rooms.LingeringRoom>;
      MigratedRoom: DurableObjectNamespace<rooms.MigratedRoom>;
      OlderRoom: DurableObjectNamespace<rooms.OlderRoom>;
      BrokenRoom: DurableObjectNamespace<rooms.BrokenRoom>;
      MigratedPlain: DurableObjectNamespace<rooms.MigratedPlain>;
      CostRoom: DurableObjectNamespace<rooms.CostRoom>;
      StuckRoom: DurableObjectNamespace<rooms.StuckRoom>;
      TimersRoom: DurableObjectNamespace<rooms.TimersRoom>;
      LazyTimersRoom: DurableObjectNamespace<rooms.LazyTimersRoom>;
      DeskRoom: DurableObjectNamespace<rooms.DeskRoom>;
      LazyDeskRoom: DurableObjectNamespace<rooms.LazyDeskRoom>;
      CrowdRoom: DurableObjectNamespace<rooms.CrowdRoom>;
      OddCrowdRoom: DurableObjectNamespace<rooms.OddCrowdRoom>;
      MeteredCrowd: DurableObjectNamespace<rooms.MeteredCrowd>;
      HastyRoom: DurableObjectNamespace<rooms.HastyRoom>;
      UnusedRoom: DurableObjectNamespace<rooms.UnusedRoom>;
      RareRoom: DurableObjectNamespace<rooms.RareRoom>;
      PagedRoom: DurableObjectNamespace<rooms.PagedRoom>;
      EndlessPages: DurableObjectNamespace<rooms.EndlessPages>;
      NamedRoom: DurableObjectNamespace<rooms.NamedRoom>;
      SecretiveRoom: DurableObjectNamespace<rooms.SecretiveRoom>;
      UnbornRoom: DurableObjectNamespace<rooms.UnbornRoom>;
    }
  }
}
