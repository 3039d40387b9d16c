package io.odradek.checker;

import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Gives the machine to others for a moment: load that leaves no room for crashes finds little. */
final class Pause {
    private Pause() {}

    static void upTo(Random random, int ms) {
        try {
            TimeUnit.MILLISECONDS.sleep(random.nextInt(ms));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
