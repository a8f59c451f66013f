-- A queue that is paused takes the turns of its messages back, so that no retry goes out during the
-- pause. What was paused before gives them back now.
UPDATE message SET turn_queue = NULL, turn = NULL
    WHERE state = 'live' AND queue_name IS NOT NULL
        AND turn_queue IN (SELECT name FROM queue WHERE paused);
