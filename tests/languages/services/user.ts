import { Injectable } from "@nestjs/common";

@Injectable()
export class UserService {
  constructor(private readonly db: Database) {}

  async find(id: string): Promise<User> {
    const user = await this.db.query(`select * from users where id = '${id}'`);
    if (!user) {
      throw new NotFound("user");
    }
    return user;
  }

  rename(users: User[]) {
    for (const one of users) {
      one.touch(process.env.DATABASE_URL ?? "none");
    }
    try {
      this.flush();
    } catch (error) {
      log(error);
    }
  }
}

it("finds a user", async () => {
  await new UserService(db).find("1");
});
