// The kit outside of workerd: it says where it belongs. Prints what it says.
import { testRoom } from "@greenroom/testing/workers";

await testRoom({} as never).catch(({ message }: Error) => console.log(message));
